import Foundation
import Recording
import Testing

@testable import Serving

/// What was listed, as the tests look at it.
private struct Listed: Decodable {
  struct Item: Decodable {
    let id: String
    let direction: String
    let status: String
    let text: String
    let cost: Int
    let reason: String?
    let detail: String?
    let advice: String?
  }
  let data: [Item]
  let nextCursor: String?

  init(_ answer: Front.Answer) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Listed.self, from: Data(answer.text.utf8))
  }
}

private func list(_ query: String = "", _ front: Front, _ user: Front.User) async throws -> Listed {
  let answer = try await front.get("messages" + query, of: user)
  try #require(answer.status == 200, "\(answer.text)")
  return try Listed(answer)
}

private let refusal = Reason(code: "window.expired", message: "The window is over.", advice: "Use a template.")

@Suite struct `The messages` {
  @Test func `are shown whole, in both directions`() async throws {
    try await withFront { front in
      let user = try await front.makeUser(credits: 10)
      let talk = try await Talk(front, user)
      try await talk.exchange("Hi \"there\"", reply: ["Hello"], .heardOf("delivered"), price: 2)
      let answer = try await front.get("messages", of: user)
      let ids = try Listed(answer).data.map(\.id)
      try #require(ids.count == 2)
      let correlation = try #require(answer.text.components(separatedBy: #""correlation_id":""#).last?.prefix(27))
      let customer = try #require(answer.text.components(separatedBy: #""customer":{"id":""#).last?.prefix(27))
      let conversation = try #require(answer.text.components(separatedBy: #""conversation_id":""#).last?.prefix(27))
      let place =
        #""phone_number_id":"\#(talk.channel)","conversation_id":"\#(conversation)","#
        + #""customer":{"id":"\#(customer)","name":"Bo","phone":"15550100","user_id":null}"#
      let end = #""reason":null,"detail":null,"advice":null,"correlation_id":"\#(correlation)"}"#
      let reply =
        #"{"id":"\#(ids[0])","direction":"outbound","status":"delivered","type":"text","text":"Hello",\#(place),"#
        + #""sent_at":"2026-09-21T14:13:21.000Z","created_at":"2026-09-21T14:13:20.500Z","cost":2,\#(end)"#
      let question =
        #"{"id":"\#(ids[1])","direction":"inbound","status":"answered","type":"text","text":"Hi \"there\"",\#(place),"#
        + #""sent_at":"2026-09-21T14:13:18.000Z","created_at":"2026-09-21T14:13:20.000Z","cost":0,\#(end)"#
      #expect(answer.text == #"{"data":[\#(reply),\#(question)],"next_cursor":null}"#)
      #expect(ids[0].hasPrefix("send_") && ids[1].hasPrefix("msg_") && correlation.hasPrefix("corr_") && conversation.hasPrefix("conv_"))
      #expect(try await front.get("credits", of: user).text == #"{"balance":8}"#)
    }
  }

  @Test func `cost once a reply, and nothing when given back`() async throws {
    try await withFront { front in
      let user = try await front.makeUser(credits: 100)
      let talk = try await Talk(front, user)
      try await talk.exchange("a", reply: ["one", "two"], .sent, price: 3, phone: "1")
      try await talk.exchange("b", reply: ["three"], .undelivered, price: 5, phone: "2")
      try await talk.exchange("c", reply: ["four"], .refused, price: 7, phone: "3")
      try await talk.exchange("d", reply: ["five"], .unknown, price: 9, phone: "4")
      let costs = Dictionary(try await list("", front, user).data.map { ($0.text, $0.cost) }) { $0 + $1 }
      #expect(costs == ["a": 0, "b": 0, "c": 0, "d": 0, "one": 3, "two": 0, "three": 0, "four": 0, "five": 9])
      #expect(try await front.get("credits", of: user).text == #"{"balance":88}"#)
    }
  }

  @Test func `are filtered by every status`() async throws {
    try await withFront { front in
      let user = try await front.makeUser(credits: 100)
      let talk = try await Talk(front, user)
      try await talk.say("received", phone: "1")
      try await talk.say("recorded", as: .recorded, phone: "2")
      try await talk.say("failed", as: .refused(refusal), phone: "3")
      let endings: [(String, Talk.Ending)] = [
        ("queued", .queued), ("sending", .sending), ("sent", .sent), ("delivered", .heardOf("delivered")), ("read", .heardOf("read")),
        ("played", .heardOf("played")), ("unknown", .unknown), ("failed", .undelivered),
      ]
      for (index, (word, ending)) in endings.enumerated() {
        try await talk.exchange("asked", reply: [word], ending, phone: "9\(index)")
      }
      let all = try await list("?limit=500", front, user).data
      for status in ListedMessage.Status.allCases.map(\.rawValue) {
        let found = try await list("?status=\(status)", front, user).data
        #expect(!found.isEmpty && found.allSatisfy { $0.status == status }, "\(status)")
        #expect(found.map(\.id) == all.filter { $0.status == status }.map(\.id), "\(status)")
        // Questions of replies are answered or wait; all else is named after its status.
        #expect(found.allSatisfy { $0.text == "asked" || $0.text == status }, "\(status)")
        #expect(found.contains { $0.text == status } || status == "answered", "\(status)")
      }
    }
  }

  @Test func `that failed say why, whichever way they went`() async throws {
    try await withFront { front in
      let user = try await front.makeUser(credits: 100)
      let talk = try await Talk(front, user)
      try await talk.say("late", as: .refused(refusal), phone: "1")
      try await talk.exchange("asked", reply: ["bounced"], .refused, phone: "2")
      try await talk.exchange("fine", reply: ["lost"], .undelivered, phone: "3")
      try await talk.exchange("fine", reply: ["well"], .sent, phone: "4")
      let failed = try await list("?status=failed", front, user).data
      let found = Dictionary(failed.map { ($0.text, $0) }) { first, _ in first }
      #expect(Set(found.keys) == ["late", "asked", "bounced", "lost"] && failed.count == 4)
      let late = try #require(found["late"])
      #expect(late.direction == "inbound" && late.reason == "window.expired")
      #expect(late.detail == "The window is over." && late.advice == "Use a template.")
      #expect(found["asked"]?.reason == "send.refused" && found["asked"]?.direction == "inbound")
      let bounced = try #require(found["bounced"])
      #expect(bounced.direction == "outbound" && bounced.reason == "send.refused" && bounced.detail == "The platform refused.")
      #expect(found["lost"]?.reason == "send.failed" && found["lost"]?.detail == nil)
    }
  }

  @Test(arguments: [false, true]) func `of numbers that are not verified are shown where the installation says so`(shows: Bool) async throws
  {
    try await withFront(.test(showsUnverified: shows)) { front in
      let user = try await front.makeUser(credits: 10)
      let talk = try await Talk(front, user, address: "1001", isVerified: false)
      try await talk.exchange("claimed", reply: ["hidden"], .sent)
      try await talk.say("refused", as: .refused(refusal))
      #expect(try await list("", front, user).data.count == (shows ? 3 : 0))
      #expect(try await list("?status=failed", front, user).data.count == (shows ? 1 : 0))
      try await front.ledger.transaction { transaction throws(LedgerError) in try transaction.channels.verify(talk.channel, at: start) }
      #expect(try await list("", front, user).data.count == 3)
    }
  }

  @Test func `are nobody else's`() async throws {
    try await withFront { front in
      let (user, other) = (try await front.makeUser(credits: 10), try await front.makeUser())
      try await Talk(front, user).exchange("mine", reply: ["yours"], .sent)
      #expect(try await front.get("messages", of: other).text == #"{"data":[],"next_cursor":null}"#)
    }
  }
}

@Suite struct Pages {
  private static let lists = ["messages", "phone_numbers", "agents", "prompts", "extractions"]

  /// Seven of everything, a second apart, oldest first.
  private static func fill(_ front: Front, _ user: Front.User) async throws {
    let talk = try await Talk(front, user)
    for index in 0..<7 { try await talk.say("\(index)", as: .recorded, at: start.addingTimeInterval(Double(index))) }
    try await front.ledger.transaction { transaction throws(LedgerError) in
      for index in 1..<7 {
        let now = start.addingTimeInterval(Double(index))
        _ = try transaction.channels.add(
          account: user.id, platform: "whatsapp", addressID: "2\(index)", displayName: "N", sealedToken: [1], at: now)
        _ = try transaction.agents.add(channel: talk.channel, name: "A", responder: .scripted, at: now)
      }
      for index in 0..<7 {
        _ = try transaction.prompts.add(account: user.id, name: "P", text: "T", at: start.addingTimeInterval(Double(index)))
      }
    }
  }

  @Test(arguments: lists.dropLast()) func `follow one another without a gap`(path: String) async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      try await Self.fill(front, user)
      for limit in [1, 3, 6, 7, 8, 500] {
        var (times, cursor, sizes) = ([String](), String?.none, [Int]())
        repeat {
          let query = "?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? "")
          let page = try await front.get(path + query, of: user)
          let found = page.text.components(separatedBy: #""created_at":""#).dropFirst().map { String($0.prefix(24)) }
          (times, cursor) = (times + found, try page.cursor())
          sizes.append(found.count)
        } while cursor != nil && sizes.count < 20
        #expect(times == (0..<7).reversed().map { "2026-09-21T14:13:2\($0).000Z" }, "\(limit)")
        // A page that is just full, with nothing behind it, is the last one.
        #expect(sizes == Array(repeating: limit, count: 7 / limit) + (7 % limit == 0 ? [] : [7 % limit]), "\(limit)")
      }
    }
  }

  @Test func `hold fifty unless told`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let talk = try await Talk(front, user)
      for index in 0..<51 { try await talk.say("\(index)", as: .recorded, at: start.addingTimeInterval(Double(index))) }
      let first = try await list("", front, user)
      #expect(first.data.count == 50 && first.nextCursor != nil)
      #expect(try await list("?limit=51", front, user).nextCursor == nil)
    }
  }

  @Test func `keep the status they were asked with`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let talk = try await Talk(front, user)
      for index in 0..<4 {
        try await talk.say("\(index)", as: index % 2 == 0 ? .recorded : .refused(refusal), at: start.addingTimeInterval(Double(index)))
      }
      let first = try await list("?status=failed&limit=1", front, user)
      #expect(first.data.map(\.text) == ["3"])
      let cursor = try #require(first.nextCursor)
      let second = try await list("?status=failed&limit=1&cursor=\(cursor)", front, user)
      #expect(second.data.map(\.text) == ["1"] && second.nextCursor == nil)
    }
  }

  private static let wrong: [(query: String, name: String)] =
    ["0", "-1", "501", "1.5", "a", "", "9223372036854775808", "%20"].map { ("limit=\($0)", "limit") }
    + ["", "x", "msg_01", "0123456789abcdefghjkmi", "0123456789ABCDEFGHJKMN", "0123456789abcdefghjkmnp", "'%20OR%201=1--", "%00"].map {
      ("cursor=\($0)", "cursor")
    }

  @Test(arguments: lists) func `are refused for what cannot be one`(path: String) async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      for (query, name) in Self.wrong {
        let answer = try await front.get("\(path)?\(query)", of: user)
        #expect(answer.status == 400 && answer.code == "request.parameter_wrong", "\(query): \(answer.text)")
        #expect(answer.message?.contains("`\(name)`") == true)
      }
      #expect(try await front.get("\(path)?limit=500&cursor=0123456789abcdefghjkmn&color=red", of: user).status == 200)
    }
  }

  @Test(arguments: ["", "Failed", "pending", "failed,sent"]) func `of messages name every status when one is wrong`(status: String)
    async throws
  {
    try await withFront { front in
      let user = try await front.makeUser()
      let answer = try await front.get("messages?status=\(status)", of: user)
      #expect(answer.status == 400 && answer.code == "request.parameter_wrong")
      for known in ListedMessage.Status.allCases { #expect(answer.message?.contains(known.rawValue) == true) }
    }
  }

  @Test func `of extractions are empty`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      #expect(try await front.get("extractions", of: user).text == #"{"data":[],"next_cursor":null}"#)
    }
  }
}
