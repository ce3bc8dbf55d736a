import Foundation
import HTTPTypes
import Recording
import Testing

@testable import Serving

/// A route with a body that is right, each field as raw JSON.
struct Formular: Sendable, CustomTestStringConvertible {
  let path: String
  let fields: [(name: String, value: String)]
  /// Raw values of one field that are refused, and those at the edge that are not.
  let field: String
  let isRequired: Bool
  let wrong: [String]
  let right: [String]

  var testDescription: String { "\(path.isEmpty ? "users" : path) \(field)" }

  /// The body with `field` set to something else, or left out.
  func body(_ value: String?) -> String {
    let others = fields.filter { $0.name != field } + (value.map { [(field, $0)] } ?? [])
    return "{" + others.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}"
  }
}

private func text(_ count: Int, of letter: String = "é") -> String { "\"" + String(repeating: letter, count: count) + "\"" }

private let notTexts = ["1", "1.5", "true", "[]", "{}", #"["a"]"#, #"{"a":"b"}"#, "1e999"]
private let notPlain = [#""""#, #"" ""#, #""a\u0000b""#, #""a\nb""#, #""a\u007fb""#, #""\u0085""#]

private let user = [("email", #""a@example.com""#), ("name", #""A""#)]
private let number = [
  ("platform", #""whatsapp""#), ("meta_phone_number_id", #""836990829491415""#), ("access_token", #""EAAxxxx""#),
]
private let agent = [("phone_number_id", "CHANNEL"), ("prompt_id", #""pmpt_1""#), ("name", #""Ana""#)]
private let prompt = [("name", #""P""#), ("text", #""Be kind.""#)]

private let formulars: [Formular] = [
  .init(
    path: "", fields: user, field: "email", isRequired: true,
    wrong: notTexts + notPlain + [#""a@""#, #""example.com""#, "\"a@" + text(253).dropFirst(), text(254)],
    right: [#""a@b""#, "\"a@" + text(252).dropFirst()]),
  .init(path: "", fields: user, field: "name", isRequired: true, wrong: notTexts + notPlain + [text(201)], right: [text(1), text(200)]),
  .init(
    path: "", fields: user, field: "company_name", isRequired: false, wrong: notTexts + [#""a\u0000""#, text(201)],
    right: [#""""#, text(200)]),
  .init(
    path: "phone_numbers", fields: number, field: "platform", isRequired: true,
    wrong: notTexts + [#""""#, #""WhatsApp""#, #""instagram""#, #""messenger""#, #""webchat""#], right: []),
  .init(
    path: "phone_numbers", fields: number, field: "meta_phone_number_id", isRequired: true,
    wrong: notTexts + notPlain + ["836990829491415", #""+1234""#, #""12 34""#, #""١٢٣""#, text(33, of: "1")],
    right: [#""0""#, text(32, of: "1")]),
  .init(
    path: "phone_numbers", fields: number, field: "access_token", isRequired: true,
    wrong: notTexts + notPlain + [#""a b""#, #""é""#, #""a\r\nX: y""#, text(4097, of: "a")], right: [#""!~""#, text(4096, of: "a")]),
  .init(
    path: "phone_numbers", fields: number, field: "display_name", isRequired: false, wrong: notTexts + notPlain + [text(201)],
    right: [#""+1 (234) 567-8900""#, text(200)]),
  .init(
    path: "agents", fields: agent, field: "phone_number_id", isRequired: true, wrong: notTexts + notPlain + [text(201)], right: []),
  .init(
    path: "agents", fields: agent, field: "prompt_id", isRequired: true, wrong: notTexts + notPlain + [text(201)],
    right: [#""x""#, text(200)]),
  .init(path: "agents", fields: agent, field: "name", isRequired: true, wrong: notTexts + notPlain + [text(201)], right: [text(200)]),
  .init(
    path: "agents", fields: agent, field: "responder", isRequired: false,
    wrong: notTexts + [#""""#, #""OpenAI""#, #""chat_completions""#], right: [#""openai""#, #""scripted""#]),
  .init(path: "agents", fields: agent, field: "model", isRequired: false, wrong: notTexts + notPlain + [text(201)], right: [text(200)]),
  .init(
    path: "agents", fields: agent, field: "price", isRequired: false, wrong: ["-1", "0", "1.5", "true", #""1""#, "1000001", "[]"],
    right: ["1", "1000000"]),
  .init(
    path: "agents", fields: agent, field: "quiet_period", isRequired: false,
    wrong: [
      "2", "0", "true", "[]", "{}", #""""#, #""2""#, #""s""#, #""-1s""#, #""1.5s""#, #""2 s""#, #""601s""#, #""11m""#, #""1h""#, #""2S""#,
    ],
    right: [#""0s""#, #""500ms""#, #""2s""#, #""10m""#, #""600s""#]),
  .init(
    path: "credits", fields: [("amount", "5")], field: "amount", isRequired: true,
    wrong: [
      "true", "false", "1.5", #""5""#, "-5", "0", "1e30", "1e999", "-1e999", "1000000001", "[]", "{}", "0.9999999999",
      "9223372036854775808",
    ],
    right: ["1", "1000000000"]),
  .init(path: "prompts", fields: prompt, field: "name", isRequired: true, wrong: notTexts + notPlain + [text(201)], right: [text(200)]),
  .init(
    path: "prompts", fields: prompt, field: "text", isRequired: false,
    wrong: notTexts + [#""""#, #"" \n ""#, #""a\u0000b""#, #""\u001b[0m""#, text(32_001, of: "a")],
    right: [#""a\r\n\tb""#, text(32_000, of: "a")]),
]

@Suite struct Fields {
  @Test(arguments: formulars) func `are refused by name and taken at their edges`(formular: Formular) async throws {
    try await withFront(.test(topUp: .own)) { front in
      let owner = try await front.makeUser()
      let path = formular.path.isEmpty ? "/v1/users" : owner.path + formular.path
      let key = formular.path.isEmpty ? Front.adminKey : owner.key
      let channel = try await Talk(front, owner).channel
      func post(_ value: String?) async throws -> Front.Answer {
        let body = formular.body(value).replacingOccurrences(of: "CHANNEL", with: "\"\(channel)\"")
        return try await front.call(.post, path, key: key, body: body)
      }
      for value in formular.wrong {
        let answer = try await post(value)
        #expect(answer.status == 400 && answer.code == "request.field_wrong", "\(value.prefix(40)): \(answer.text.prefix(200))")
        #expect(answer.message?.contains("`\(formular.field)` must be ") == true, "\(value.prefix(40))")
      }
      let rows = try await Self.rows(front)
      for value in [nil, "null"] {
        let answer = try await post(value)
        if formular.isRequired {
          #expect(answer.status == 400 && answer.code == "request.field_missing", "\(answer.text)")
          #expect(answer.message?.contains("`\(formular.field)`") == true)
        } else {
          #expect((200...201).contains(answer.status), "\(answer.text)")
          // The next one must not be refused for having been there before.
          try await Self.forgetNumbers(front)
        }
      }
      if formular.isRequired { #expect(try await Self.rows(front) == rows) }
      for value in formular.right {
        let answer = try await post(value)
        #expect((200...201).contains(answer.status), "\(value.prefix(40)): \(answer.text.prefix(200))")
        try await Self.forgetNumbers(front)
      }
    }
  }

  private static func rows(_ front: Front) async throws -> Int {
    try await front.ledger.read { transaction throws(LedgerError) in
      try transaction.query(
        """
        SELECT (SELECT COUNT(*) FROM account) + (SELECT COUNT(*) FROM channel) + (SELECT COUNT(*) FROM agent)
          + (SELECT COUNT(*) FROM prompt_version) + (SELECT COUNT(*) FROM credit_entry) AS rows
        """, []
      ).first?.integer("rows") ?? 0
    }
  }

  private static func forgetNumbers(_ front: Front) async throws {
    try await front.ledger.transaction { transaction throws(LedgerError) in
      _ = try transaction.execute("DELETE FROM channel WHERE address_id <> '1001'", [])
    }
  }
}

@Suite struct `A body` {
  private static let nested = [
    String(repeating: "[", count: 65_000), String(repeating: #"{"a":"#, count: 13_000),
    #"{"amount":"# + String(repeating: "[", count: 60_000),
    #"{"amount":5,"x":"# + String(repeating: "[", count: 30_000) + String(repeating: "]", count: 30_000) + "}",
  ]

  @Test(
    arguments: [
      "", " ", "null", "1", "true", #""a""#, "[]", "[1]", "{", #"{"amount":5"#, #"{"amount":5}}"#, #"{"amount":5}x"#,
      "{amount:5}", "{'amount':5}", #"{"amount":NaN}"#, "amount=5",
    ] + nested)
  func `that is no JSON object is refused`(body: String) async throws {
    try await withFront(.test(topUp: .own)) { front in
      let user = try await front.makeUser()
      let answer = try await front.post("credits", of: user, body)
      #expect(answer.status == 400 && answer.code == "request.malformed", "\(answer.text.prefix(200))")
      #expect(try await front.get("credits", of: user).text == #"{"balance":0}"#)
    }
  }

  @Test func `that is not UTF-8 is refused`() {
    let bodies: [[UInt8]] = [[0xFF], Array(#"{"a":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8), [0xFE, 0xFF, 0, 0x7B, 0, 0x7D]]
    for body in bodies {
      #expect(throws: ServingError.malformed) { try Form(body) }
    }
  }

  @Test func `is read up to its limit and no further`() async throws {
    try await withFront(.test(topUp: .own)) { front in
      let user = try await front.makeUser()
      func padded(_ count: Int) -> String { #"{"amount":1}"# + String(repeating: " ", count: count - 12) }
      #expect(try await front.post("credits", of: user, padded(262_144)).text == #"{"balance":1}"#)
      let over = try await front.post("credits", of: user, padded(262_145))
      #expect(over.status == 413 && over.code == "request.too_large")
      #expect(over.message == "The body is over 262144 bytes.")
    }
  }

  @Test(arguments: [
    ("application/json", true), ("Application/JSON", true), ("application/json; charset=utf-8", true), ("application/json;x", true),
    (nil, false), ("", false), ("application/x-www-form-urlencoded", false), ("text/json", false), ("application/jsonp", false),
    ("application/json, text/plain", false), ("application/problem+json", false),
  ])
  func `must say that it is JSON`(type: String?, isTaken: Bool) async throws {
    try await withFront(.test(topUp: .own)) { front in
      let user = try await front.makeUser()
      let answer = try await front.call(.post, user.path + "credits", key: user.key, body: #"{"amount":1}"#, type: type)
      #expect(answer.status == (isTaken ? 200 : 415), "\(answer.text)")
      if !isTaken {
        #expect(answer.code == "request.not_json_type")
        #expect(answer.message?.contains("application/x-www-form-urlencoded") == true)
      }
    }
  }

  @Test(arguments: [("gzip", 415), ("br", 415), ("identity", 200), ("Identity", 200)])
  func `must not be encoded`(encoding: String, status: Int) async throws {
    try await withFront(.test(topUp: .own)) { front in
      let user = try await front.makeUser()
      let answer = try await front.call(
        .post, user.path + "credits", key: user.key, body: #"{"amount":1}"#, headers: [.contentEncoding: encoding])
      #expect(answer.status == status && (status == 200 || answer.code == "request.encoded"))
    }
  }

  // A comma too many, and a key twice: what Foundation's decoder makes of them is as good as anything.
  @Test(arguments: [
    #"{"amount":1,"amount":2}"#, #"{"amount":1,}"#, #"{"amount":01}"#, #"{"amount":1,"x":"\ud800"}"#, "\u{FEFF}" + #"{"amount":1}"#,
  ])
  func `that is odd harms nobody`(body: String) async throws {
    try await withFront(.test(topUp: .own)) { front in
      let user = try await front.makeUser()
      let answer = try await front.post("credits", of: user, body)
      #expect([200, 400].contains(answer.status), "\(answer.text)")
    }
  }

  @Test func `may hold fields that nobody asks for`() async throws {
    try await withFront(.test(topUp: .own)) { front in
      let user = try await front.makeUser()
      let answer = try await front.post("credits", of: user, #"{"amount":1.0,"b":[1,{"c":null}],"d":{"e":1e999},"f":null}"#)
      #expect(answer.text == #"{"balance":1}"#)
    }
  }
}
