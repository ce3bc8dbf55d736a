import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Recording
import Testing

@testable import Serving

@Suite struct Routes {
  @Test(arguments: ["/v1", "/v1/", "/v1/user", "/v1/users/u", "/v1/users/u/message", "/v1/users/u/messages/m", "/v2/users", "/", "/%00"])
  func `that are none are answered as errors are`(path: String) async throws {
    try await withFront { front in
      for method in [HTTPRequest.Method.get, .post, .delete] {
        let answer = try await front.call(method, path)
        #expect(answer.status == 404 && answer.code == "route.unknown", "\(answer.text)")
      }
    }
  }

  @Test(arguments: [
    ("/v1/users", ["POST"]), ("/v1/users/u/phone_numbers", ["GET", "POST"]), ("/v1/users/u/agents", ["GET", "POST"]),
    ("/v1/users/u/credits", ["GET", "POST"]), ("/v1/users/u/messages", ["GET"]), ("/v1/users/u/prompts", ["GET", "POST"]),
    ("/v1/users/u/extractions", ["GET"]), ("/v1/users/u/conversations", ["GET"]), ("/v1/users/u/conversations/c/hand_off", ["POST"]),
    ("/v1/users/u/conversations/c/resume", ["POST"]),
  ])
  func `say which methods they know`(path: String, allowed: [String]) async throws {
    try await withFront { front in
      for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete, .options, .head] {
        let answer = try await front.call(method, path)
        if allowed.contains(method.rawValue) {
          #expect(answer.status == 401, "\(method)")
        } else {
          #expect(answer.status == 405, "\(method)")
          #expect(answer.headers[.allow] == allowed.joined(separator: ", "))
          #expect(method == .head ? answer.text.isEmpty : answer.code == "method.unknown")
        }
      }
    }
  }

  @Test(arguments: [
    (LedgerError.busy, 503, "ledger.busy"), (.full, 503, "ledger.full"), (.corrupt(detail: "page 7"), 500, "ledger.corrupt"),
    (.constraint(detail: "account.email"), 500, "ledger.constraint"), (.closed, 500, "ledger.closed"),
  ])
  func `tell a broken ledger's reason and keep its details to the log`(error: LedgerError, status: Int, code: String) async throws {
    try await withFront(.test(registration: .open), broken: BrokenLedger(error: error)) { front in
      let answers = [
        try await front.call(.get, "/v1/users/u/credits", key: "key"),
        try await front.call(.post, "/v1/users", body: #"{"email":"a@b","name":"A"}"#),
      ]
      for answer in answers {
        #expect(answer.status == status && answer.code == code)
        #expect(answer.headers[.retryAfter] == (status == 503 ? "1" : nil))
        #expect(!answer.text.contains("page 7") && !answer.text.contains("account.email"))
      }
      let id = try #require(answers[0].headers[.requestID])
      let errors = await front.logs.read().filter { $0.hasPrefix("error ") }
      #expect(errors.count == 2 && errors[0].contains("http.reason=\(code)") && errors[0].contains("request.id=\(id)"))
      #expect(errors[0].contains(error.message))
    }
  }

  private struct Stranger: Error, CustomStringConvertible {
    let description = "token EAAsecret"
  }

  @Test func `of other modules are answered alike, whatever they throw`() async throws {
    let cases: [(path: String, error: any Error, status: Int, code: String, message: String?)] = [
      ("a", Stranger(), 500, "server.failed", nil),
      ("b", HTTPError(.unauthorized, message: "No signature."), 401, "request.refused", "No signature."),
      ("c", HTTPError(.serviceUnavailable), 503, "server.refused", nil), ("d", CancellationError(), 500, "server.failed", nil),
      ("e", LedgerError.busy, 503, "ledger.busy", nil), ("f", ServingError.cutOff, 400, "request.cut_off", nil),
    ]
    try await withFront(
      more: { router in
        for (path, error, _, _, _) in cases { router.get("/\(path)") { _, _ -> Response in throw error } }
        router.get("/fine") { _, _ in "fine" }
      },
      { front in
        for (path, _, status, code, message) in cases {
          let answer = try await front.call(.get, "/\(path)")
          #expect(answer.status == status && answer.code == code, "\(path): \(answer.text)")
          if let message { #expect(answer.message == message) }
          #expect(!answer.text.contains("EAAsecret"))
        }
        let fine = try await front.call(.get, "/fine")
        #expect(fine.text == "fine" && fine.headers[.requestID]?.isEmpty == false)
        #expect(await front.logs.read().allSatisfy { !$0.contains("EAAsecret") })
      })
  }

  @Test func `leave one line a request in the log, without ids, and nothing secret anywhere`() async throws {
    try await withFront(.test(topUp: .own)) { front in
      var answers: [Front.Answer] = []
      let made = try await front.call(.post, "/v1/users", key: Front.adminKey, body: #"{"email":"a@b","name":"A"}"#)
      let user = Front.User(id: try made.text("user_id"), key: try made.text("api_key"))
      let number = #"{"platform":"whatsapp","meta_phone_number_id":"77","access_token":"EAAsecret"}"#
      for _ in 0..<2 { answers.append(try await front.post("phone_numbers", of: user, number)) }
      answers.append(try await front.post("phone_numbers", of: user, #"{"access_token":"EAAsecret é"}"#))
      answers.append(try await front.post("phone_numbers", of: user, number + "}"))
      answers.append(try await front.post("credits", of: user, #"{"amount":"x"}"#))
      for path in ["phone_numbers", "agents", "messages?cursor=x", "prompts"] { answers.append(try await front.get(path, of: user)) }
      answers.append(try await front.call(.get, user.path + "credits", key: user.key + "0"))
      for answer in answers {
        for secret in ["EAAsecret", user.key, Front.adminKey] { #expect(!answer.text.contains(secret), "\(answer.text)") }
      }
      let lines = await front.logs.read()
      for line in lines {
        for secret in ["EAAsecret", user.key, Front.adminKey, user.id] { #expect(!line.contains(secret), "\(line)") }
      }
      let requests = lines.filter { $0.hasPrefix("debug request answered") }
      #expect(requests.count == answers.count + 1)
      let id = try #require(made.headers[.requestID])
      #expect(
        requests[0].contains("http.method=POST") && requests[0].contains("http.route=/v1/users ") && requests[0].contains("http.status=201")
      )
      #expect(requests[0].contains("request.id=\(id)") && requests[0].contains("http.milliseconds="))
      #expect(requests[1].contains("http.route=/v1/users/{user_id}/phone_numbers"))
      #expect(requests[2].contains("http.reason=phone_number.taken"))
    }
  }

  @Test func `show nothing of their keys when they are described`() throws {
    let options = ServingOptions.test()
    let key = try #require(SecretKey(hex: String(repeating: "0a", count: 32)))
    let api = API(ledger: BrokenLedger(error: .busy), secretKey: key, options: options) { _ in [] }
    for text in ["\(options)", String(reflecting: options), "\(api)", String(reflecting: api)] { #expect(!text.contains(Front.adminKey)) }
  }

  @Test(.timeLimit(.minutes(1))) func `work as the guide has them, one after another over a connection`() async throws {
    try await withFront(.test(registration: .open, topUp: .own), .live) { front in
      let made = try await front.call(
        .post, "/v1/users", body: #"{ "email": "your@email.com", "name": "Your Name", "company_name": "Your Company" }"#)
      let user = Front.User(id: try made.text("user_id"), key: try made.text("api_key"))
      let number = try await front.post(
        "phone_numbers", of: user,
        #"""
        {
          "platform": "whatsapp",
          "meta_phone_number_id": "836990829491415",
          "access_token": "EAAxxxx...",
          "display_name": "+1 (234) 567-8900"
        }
        """#)
      let channel = try number.text("phone_number_id")
      let agent = try await front.post(
        "agents", of: user, #"{ "phone_number_id": "\#(channel)", "prompt_id": "YOUR_PROMPT_ID", "name": "WhatsApp Support Agent" }"#)
      #expect(made.status == 201 && number.status == 201 && agent.status == 201)
      #expect(try await front.post("credits", of: user, #"{ "amount": 1000 }"#).text == #"{"balance":1000}"#)
      #expect(try await front.get("credits", of: user).text == #"{"balance":1000}"#)
      for path in ["messages?limit=10", "messages?status=failed", "messages?limit=100", "extractions"] {
        #expect(try await front.get(path, of: user).text == #"{"data":[],"next_cursor":null}"#)
      }
      #expect(try await front.get("agents", of: user).text.contains(#""active":true"#))
    }
  }
}
