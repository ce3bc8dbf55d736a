import HTTPTypes
import HummingbirdTesting
import Recording
import Testing

@testable import Serving

/// Every route under a user, and whether its body is read.
private let routes: [(method: HTTPRequest.Method, path: String)] = [
  (.get, "phone_numbers"), (.post, "phone_numbers"), (.get, "agents"), (.post, "agents"), (.get, "credits"), (.post, "credits"),
  (.get, "messages"), (.get, "prompts"), (.post, "prompts"), (.get, "extractions"),
]

/// Neither small enough nor JSON: who is sent away for it has been let in.
private let wreck = String(repeating: "[", count: 300_000)

@Suite struct `The key` {
  @Test func `is looked at before the body, on every route`() async throws {
    try await withFront { front in
      let (user, other) = (try await front.makeUser(), try await front.makeUser())
      for (method, path) in routes {
        let cases: [(key: String?, user: String, status: Int, code: String)] = [
          (nil, user.id, 401, "key.missing"), ("", user.id, 401, "key.missing"),
          ("replyd_" + String(repeating: "0", count: 64), user.id, 401, "key.unknown"), ("nobody", "user_0", 401, "key.unknown"),
          (other.key, user.id, 404, "user.unknown"), (user.key, "user_0", 404, "user.unknown"), (user.key, "%00", 404, "user.unknown"),
          (user.key.uppercased(), user.id, 401, "key.unknown"),
        ]
        for (key, id, status, code) in cases {
          for type in ["application/json", "text/plain"] {
            let answer = try await front.call(method, "/v1/users/\(id)/\(path)", key: key, body: method == .post ? wreck : nil, type: type)
            #expect(answer.status == status && answer.code == code, "\(method) \(path) \(key ?? "none") \(id): \(answer.text)")
          }
        }
      }
    }
  }

  @Test func `of another and of nobody are answered alike`() async throws {
    try await withFront { front in
      let (user, other) = (try await front.makeUser(), try await front.makeUser())
      let answers = [
        try await front.call(.get, other.path + "credits", key: user.key), try await front.call(.get, "/v1/users/x/credits", key: user.key),
      ]
      #expect(answers[0].message == answers[1].message && answers[0].code == answers[1].code && answers[0].status == answers[1].status)
    }
  }

  @Test func `of the admin does nothing but its two things`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      for (method, path) in routes {
        let answer = try await front.call(method, user.path + path, key: Front.adminKey, body: method == .post ? wreck : nil)
        let isCredits = method == .post && path == "credits"
        #expect(answer.code == (isCredits ? "request.too_large" : "key.admin_misplaced"), "\(method) \(path)")
        #expect(answer.status == (isCredits ? 413 : 403))
      }
      let nobody = try await front.call(.post, "/v1/users/user_0/credits", key: Front.adminKey, body: wreck)
      #expect(nobody.status == 404 && nobody.code == "user.unknown")
    }
  }

  @Test func `of a disabled user opens nothing, a revoked one is unknown`() async throws {
    try await withFront(.test(topUp: .own)) { front in
      let (disabled, revoked) = (try await front.makeUser(), try await front.makeUser())
      try await front.ledger.transaction { transaction throws(LedgerError) in
        try transaction.execute("UPDATE account SET is_disabled = 1 WHERE id = ?1", [.text(disabled.id)])
        try transaction.execute("UPDATE api_key SET revoked_at = 1 WHERE account_id = ?1", [.text(revoked.id)])
      }
      for (method, path) in routes {
        let body = method == .post ? wreck : nil
        let answer = try await front.call(method, disabled.path + path, key: disabled.key, body: body)
        #expect(answer.status == 403 && answer.code == "user.disabled", "\(method) \(path)")
        let second = try await front.call(method, revoked.path + path, key: revoked.key, body: body)
        #expect(second.status == 401 && second.code == "key.unknown", "\(method) \(path)")
      }
    }
  }

  @Test(arguments: [nil, ""]) func `of the admin is none when none is set`(adminKey: String?) async throws {
    try await withFront(.test(adminKey: adminKey)) { front in
      let user = try await front.makeUser()
      for key in ["", "nil", Front.adminKey] {
        let made = try await front.call(.post, "/v1/users", key: key, body: #"{"email":"a@b","name":"A"}"#)
        #expect(made.status == 401 && made.code == (key.isEmpty ? "key.missing" : "key.unknown"), "\(key)")
        let added = try await front.call(.post, user.path + "credits", key: key, body: #"{"amount":1}"#)
        #expect(added.status == 401, "\(key)")
      }
    }
  }

  @Test(arguments: ["x-api-key", "X-API-Key", "X-Api-KEY"]) func `may be named in any case`(name: String) async throws {
    try await withFront(.test(), .live) { front in
      let user = try await front.makeUser()
      let header = try #require(HTTPField.Name(name))
      let answer = try await front.call(.get, user.path + "credits", headers: [header: user.key])
      #expect(answer.status == 200)
    }
  }

  @Test func `twice is none of ours`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      var headers = HTTPFields()
      headers.append(HTTPField(name: .apiKey, value: user.key))
      headers.append(HTTPField(name: .apiKey, value: user.key))
      #expect(try await front.call(.get, user.path + "credits", headers: headers).code == "key.unknown")
    }
  }

  @Test(.timeLimit(.minutes(1))) func `decides over a live connection before a long body has come`() async throws {
    try await withFront(.test(), .live) { front in
      let user = try await front.makeUser()
      let long = String(repeating: "a", count: 3_000_000)
      #expect(try await front.call(.post, user.path + "agents", body: long).code == "key.missing")
      #expect(try await front.call(.post, user.path + "agents", key: user.key, body: long).code == "request.too_large")
      // The connection is of use afterwards.
      #expect(try await front.get("credits", of: user).text == #"{"balance":0}"#)
    }
  }
}

@Suite struct `Making users` {
  private static let body = #"{"email":"a@example.com","name":"A"}"#

  @Test func `takes the admin key where registration is not open, decided before the body`() async throws {
    try await withFront { front in
      let user = try await front.makeUser()
      let cases: [(key: String?, status: Int, code: String)] = [
        (nil, 401, "key.missing"), ("nobody", 401, "key.unknown"), (user.key, 403, "users.admin_only"),
        (Front.adminKey, 413, "request.too_large"),
      ]
      for (key, status, code) in cases {
        let answer = try await front.call(.post, "/v1/users", key: key, body: wreck)
        #expect(answer.status == status && answer.code == code, "\(answer.text)")
      }
      #expect(try await front.call(.post, "/v1/users", key: Front.adminKey, body: Self.body).status == 201)
    }
  }

  @Test(arguments: [nil, "nobody", Front.adminKey]) func `takes no key where registration is open`(key: String?) async throws {
    try await withFront(.test(adminKey: nil, registration: .open)) { front in
      let answer = try await front.call(.post, "/v1/users", key: key, body: Self.body)
      #expect(answer.status == 201)
    }
  }

  @Test func `answers the user with the one key, which opens what is theirs`() async throws {
    try await withFront { front in
      let body = #"{"email":"your@email.com","name":"Your Näme","company_name":"Your \"Company\"","age":3}"#
      let answer = try await front.call(.post, "/v1/users", key: Front.adminKey, body: body)
      let (id, key) = (try answer.text("user_id"), try answer.text("api_key"))
      #expect(answer.status == 201)
      #expect(
        answer.text
          == #"{"user_id":"\#(id)","api_key":"\#(key)","email":"your@email.com","name":"Your Näme","company_name":"Your \"Company\"","#
          + #""balance":0,"created_at":"2026-09-21T14:13:20.000Z"}"#)
      #expect(id.hasPrefix("user_") && key.hasPrefix("replyd_"))
      #expect(answer.headers[.contentType] == "application/json; charset=utf-8" && answer.headers[.cacheControl] == "no-store")
      #expect(try await front.call(.get, "/v1/users/\(id)/credits", key: key).text == #"{"balance":0}"#)
      let again = try await front.call(.post, "/v1/users", key: Front.adminKey, body: body)
      #expect(try again.status == 201 && again.text("user_id") != id && again.text("api_key") != key)
    }
  }

  @Test(arguments: ["", #","company_name":null"#]) func `needs no company`(more: String) async throws {
    try await withFront { front in
      let answer = try await front.call(.post, "/v1/users", key: Front.adminKey, body: #"{"email":"a@b","name":"A"\#(more)}"#)
      #expect(answer.status == 201 && answer.text.contains(#""company_name":null"#))
    }
  }
}

@Suite struct `The credits` {
  @Test(arguments: [true, false]) func `wake what was refused for lack of them, if they shall`(wakes: Bool) async throws {
    try await withFront(.test(wakesAfterCredits: wakes)) { front in
      let user = try await front.makeUser()
      let answer = try await front.call(.post, user.path + "credits", key: Front.adminKey, body: #"{"amount":7}"#)
      #expect(answer.text == #"{"balance":7}"#)
      let wake = try await front.ledger.read { transaction throws(LedgerError) in try transaction.wakes.first() }
      #expect(wake?.account == (wakes ? user.id : nil))
      #expect(wake?.credits == (wakes ? 7 : nil))
    }
  }

  @Test(arguments: [ServingOptions.TopUp.admin, .own]) func `are added by whom the installation lets`(topUp: ServingOptions.TopUp)
    async throws
  {
    try await withFront(.test(topUp: topUp)) { front in
      let (user, other) = (try await front.makeUser(), try await front.makeUser())
      let byUser = try await front.post("credits", of: user, topUp == .own ? #"{"amount":1000}"# : wreck)
      if topUp == .own {
        #expect(byUser.status == 200 && byUser.text == #"{"balance":1000}"#)
      } else {
        #expect(byUser.status == 403 && byUser.code == "credits.admin_only")
      }
      let byAdmin = try await front.call(.post, user.path + "credits", key: Front.adminKey, body: #"{"amount":1000000000}"#)
      #expect(byAdmin.status == 200)
      let balance = topUp == .own ? 1_000_001_000 : 1_000_000_000
      #expect(byAdmin.text == #"{"balance":\#(balance)}"#)
      let byOther = try await front.call(.post, user.path + "credits", key: other.key, body: #"{"amount":1}"#)
      #expect(byOther.status == 404)
      #expect(try await front.get("credits", of: user).text == #"{"balance":\#(balance)}"#)
      #expect(try await front.get("credits", of: other).text == #"{"balance":0}"#)
    }
  }
}
