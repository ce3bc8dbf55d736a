import Foundation
import Testing
import Transferring

@testable import Simulating

struct GraphStrictnessTests {
  /// A valid message, with some keys replaced; null takes the key away.
  static func message(_ changes: [String: JSONValue]) -> String {
    var fields: [String: JSONValue] = [
      "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+15550100177", "type": "text", "text": ["body": "Olá"],
    ]
    for (key, value) in changes { fields[key] = value == .null ? nil : value }
    return String(decoding: JSONValue.object(fields).bytes, as: UTF8.self)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let fault: String
    let body: String
    let code: Int

    init(_ fault: String, _ changes: [String: JSONValue], code: Int) {
      (self.fault, body, self.code) = (fault, GraphStrictnessTests.message(changes), code)
    }

    init(_ fault: String, body: String, code: Int) { (self.fault, self.body, self.code) = (fault, body, code) }

    var testDescription: String { fault }
  }

  private static let long = String(repeating: "a", count: 4097)

  static let faults: [Case] = [
    Case("no JSON", body: "{\"to\":", code: 100),
    Case("an empty body", body: "", code: 100),
    Case("an array", body: "[]", code: 100),
    Case("no product", ["messaging_product": .null], code: 100),
    Case("another product", ["messaging_product": "telegram"], code: 100),
    Case("no recipient type", ["recipient_type": .null], code: 100),
    Case("another recipient type", ["recipient_type": "crowd"], code: 100),
    Case("nobody", ["to": .null], code: 100),
    Case("a number for a phone number", ["to": JSONValue(15_550_100_177)], code: 100),
    Case("no plus", ["to": "15550100177"], code: 131_009),
    Case("letters", ["to": "+1555010017a"], code: 131_009),
    Case("blanks", ["to": "+1 555 0100177"], code: 131_009),
    Case("too short a number", ["to": "+155501"], code: 131_009),
    Case("too long a number", ["to": "+1555010017712345"], code: 131_009),
    Case("a number that begins with zero", ["to": "+05550100177"], code: 131_009),
    Case("a scoped id without a country", ["to": .null, "recipient": "12345"], code: 131_009),
    Case("a scoped id with a sign", ["to": .null, "recipient": "US.12-3"], code: 131_009),
    Case("a scoped id of another family", ["to": .null, "recipient": "US.XXX.123"], code: 131_009),
    Case("no type", ["type": .null], code: 100),
    Case("another type", ["type": "smell"], code: 100),
    Case("no text", ["text": .null], code: 131_008),
    Case("a text that is no object", ["text": "Olá"], code: 100),
    Case("no text body", ["text": ["preview_url": false]], code: 131_008),
    Case("an empty text body", ["text": ["body": ""]], code: 100),
    Case("a text body that is no text", ["text": ["body": JSONValue(1)]], code: 100),
    Case("a text body over 4096", ["text": ["body": .string(long)]], code: 100),
    Case("a preview that is no boolean", ["text": ["body": "a", "preview_url": "false"]], code: 100),
    Case("a preview that is one", ["text": ["body": "a", "preview_url": JSONValue(1)]], code: 100),
    Case("an unknown key", ["priority": "high"], code: 100),
    Case("an unknown key in the text", ["text": ["body": "a", "bold": true]], code: 100),
    Case("the object of another type", ["image": ["id": "1"]], code: 100),
    Case("an image without its object", ["type": "image", "text": .null], code: 131_008),
    Case("an image that is empty", ["type": "image", "text": .null, "image": [:]], code: 100),
    Case("a context without an id", ["context": [:]], code: 100),
    Case("callback data over 512", ["biz_opaque_callback_data": .string(String(long.prefix(513)))], code: 100),
    Case("callback data that is no text", ["biz_opaque_callback_data": ["id": "1"]], code: 100),
    Case("another status", body: #"{"messaging_product":"whatsapp","status":"delivered","message_id":"wamid.A"}"#, code: 100),
    Case("a status without an id", body: #"{"messaging_product":"whatsapp","status":"read"}"#, code: 100),
    Case("a status with another's id", body: #"{"messaging_product":"whatsapp","status":"read","message_id":"x"}"#, code: 100),
    Case("a status with a text", body: #"{"messaging_product":"whatsapp","status":"read","message_id":"wamid.A","text":{}}"#, code: 100),
  ]

  @Test func `a body that breaks a rule is refused in Meta's shape, and not counted`() async throws {
    try await withStandIn { client in
      for fault in Self.faults {
        let answer = try await client.call(.post, StandInClient.path, body: fault.body)
        let error = try #require(answer.json["error"], "\(fault.fault): \(answer.text)")
        #expect(answer.status == 400, "\(fault.fault)")
        #expect(answer.code == fault.code, "\(fault.fault): \(answer.text)")
        #expect(error["type"] == "OAuthException", "\(fault.fault)")
        #expect(error["message"]?.string?.hasPrefix("(#\(fault.code))") == true, "\(fault.fault): \(answer.text)")
        #expect(error["fbtrace_id"]?.string == answer.answer.header("X-Fb-Trace-Id"), "\(fault.fault)")
        if fault.code != 100 { #expect(error["error_data"]?["details"]?.string?.isEmpty == false, "\(fault.fault)") }
      }
      #expect(try await client.texts().isEmpty)
      let uncounted = try await client.uncounted()
      #expect(uncounted.count == Self.faults.count)
      #expect(uncounted.map { $0["code"]?.integer } == Self.faults.map(\.code))
    }
  }

  @Test(
    arguments: [
      ["text": ["body": .string(String(long.prefix(4096))), "preview_url": true]], ["text": ["body": "a"]],
      ["context": ["message_id": "wamid.A"]], ["biz_opaque_callback_data": .string(String(long.prefix(512)))],
      ["to": "+1555010"], ["to": "+123456789012345"], ["recipient_type": "group"], ["recipient": "US.42"],
      ["type": "image", "text": .null, "image": ["id": "1"]], ["type": "contacts", "text": .null, "contacts": [["name": "a"]]],
      ["to": .null, "recipient": "US.1112223334445556667"], ["to": .null, "recipient": "PT.ENT.abc123"],
    ] as [[String: JSONValue]]
  )
  func `what keeps the rules is taken`(changes: [String: JSONValue]) async throws {
    try await withStandIn { client in
      let answer = try await client.call(.post, StandInClient.path, body: Self.message(changes))
      #expect(answer.status == 200 && answer.id != nil, "\(answer.text)")
    }
  }

  struct Place: Sendable, CustomTestStringConvertible {
    let method: TransferRequest.Method
    let path: String
    var token: String? = "TOKEN"
    var status = 400
    let code: Int

    var testDescription: String { "\(method.rawValue) \(path) by \(token ?? "nobody")" }
  }

  @Test(arguments: [
    Place(method: .get, path: "/", code: 2500), Place(method: .get, path: "/v25.0", code: 2500),
    Place(method: .get, path: "/nothing/here/at/all", code: 2500), Place(method: .post, path: "/v22.0/7/messages", code: 2500),
    Place(method: .post, path: "/v27.0/7/messages", code: 2500), Place(method: .post, path: "/25.0/7/messages", code: 2500),
    Place(method: .post, path: "/v25.0/7/Messages", code: 2500), Place(method: .post, path: "/v25.0/7/messages/", code: 2500),
    Place(method: .post, path: "/v25.0/messages", code: 100), Place(method: .post, path: "/v25.0/8/messages", code: 100),
    Place(method: .post, path: "/v25.0/%37/messages", code: 100), Place(method: .get, path: "/v25.0/7/messages", code: 100),
    Place(method: .delete, path: "/v25.0/7/messages", code: 100), Place(method: .post, path: "/v25.0/7", code: 100),
    Place(method: .post, path: "/v25.0/7/messages", token: nil, status: 401, code: 104),
    Place(method: .post, path: "/v25.0/7/messages", token: "", status: 401, code: 104),
    Place(method: .post, path: "/v25.0/7/messages", token: "WRONG", status: 401, code: 190),
    Place(method: .get, path: "/v25.0/7", token: "WRONG", status: 401, code: 190),
  ])
  func `a call to the wrong place or by nobody is refused`(place: Place) async throws {
    try await withStandIn(GraphStandIn.Options(tokens: ["TOKEN"], numbers: ["7"])) { client in
      let body = place.method == .post ? Self.message([:]) : nil
      let answer = try await client.call(place.method, place.path, body: body, token: place.token)
      #expect(answer.status == place.status && answer.code == place.code, "\(answer.status) \(answer.text)")
      #expect((answer.answer.header("Www-Authenticate") != nil) == (place.status == 401))
      #expect(try await client.uncounted().count == 1)
    }
  }

  @Test func `a number that does not exist is subcode 33`() async throws {
    try await withStandIn(GraphStandIn.Options(numbers: ["7"])) { client in
      let error = try await client.send("a", from: "8").json["error"]
      #expect(error?["error_subcode"]?.integer == 33)
      #expect(error?["type"] == "GraphMethodException")
    }
  }

  @Test(arguments: [
    ("application/json", true), ("Application/JSON; charset=utf-8", true), ("text/plain", false), ("application/jsonx", false),
  ])
  func `a body must say that it is JSON`(contentType: String, isTaken: Bool) async throws {
    try await withStandIn { client in
      let answer = try await client.call(.post, StandInClient.path, body: Self.message([:]), contentType: contentType)
      #expect((answer.status == 200) == isTaken)
      if !isTaken { #expect(answer.json["error"]?["error_data"]?["details"] == "Content-Type must be application/json") }
    }
  }

  @Test func `a body over a mebibyte is refused`() async throws {
    try await withStandIn { client in
      let answer = try await client.call(.post, StandInClient.path, body: String(repeating: " ", count: (1 << 20) + 1))
      #expect(answer.status == 400 && answer.code == 100, "\(answer.text)")
      #expect(try await client.send("and on it goes").status == 200)
    }
  }
}
