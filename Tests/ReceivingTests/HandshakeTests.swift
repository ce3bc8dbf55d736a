import HTTPTypes
import HummingbirdTesting
import Logging
import Testing

@testable import Receiving

@Suite struct HandshakeTests {
  @Test(arguments: [
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=1158201444", "1158201444"),
    ("hub.challenge=1158201444&hub.verify_token=a-verify-token&hub.mode=subscribe", "1158201444"),
    ("other=1&hub.verify_token=a%2Dverify%2Dtoken&hub.challenge=007&hub.mode=subscribe&more", "007"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=123456789012345678901234567890", "123456789012345678901234567890"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=-12.50e3", "-12.50e3"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=%7B%22a%22%3A1%7D", #"{"a":1}"#),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=ol%C3%A9%20%0A", "olé \n"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=%2541", "%41"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=a=b", "a=b"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=a+b", "a+b"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=a%2Bb%20c", "a+b c"),
  ])
  func `the right token gets its challenge back, decoded once and otherwise untouched`(query: String, challenge: String) async throws {
    try await withWebhook { client in
      let answer = try await client.execute(uri: "/webhook/meta?\(query)", method: .get)
      #expect(answer.status == .ok)
      #expect(answer.text == challenge)
      #expect(answer.headers[.contentType] == "text/plain; charset=utf-8")
      #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    }
  }

  @Test(arguments: [
    ("hub.mode=subscribe&hub.verify_token=another-token&hub.challenge=1", 403, "webhook.token_wrong"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-toke&hub.challenge=1", 403, "webhook.token_wrong"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token-&hub.challenge=1", 403, "webhook.token_wrong"),
    ("hub.mode=subscribe&hub.verify_token=A-VERIFY-TOKEN&hub.challenge=1", 403, "webhook.token_wrong"),
    ("hub.mode=subscribe&hub.verify_token=&hub.challenge=1", 403, "webhook.token_wrong"),
    ("hub.mode=subscribe&hub.challenge=1", 403, "webhook.token_wrong"),
    ("", 403, "webhook.token_wrong"),
    ("hub.mode=unsubscribe&hub.verify_token=a-verify-token&hub.challenge=1", 403, "webhook.mode_wrong"),
    ("hub.verify_token=a-verify-token&hub.challenge=1", 403, "webhook.mode_wrong"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token", 400, "webhook.challenge_missing"),
    ("hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=", 400, "webhook.challenge_missing"),
  ])
  func `what is wrong or missing is refused`(query: String, status: Int, code: String) async throws {
    let log = LogLines()
    let refusal = try await withWebhook(log: log) { client in
      let answer = try await client.execute(uri: "/webhook/meta?\(query)", method: .get)
      #expect(answer.status.code == status)
      return try answer.refusal()
    }
    #expect(refusal.code == code)
    let lines = await log.all()
    #expect(lines.map(\.level) == [.warning])
    #expect(lines.first?.metadata["webhook.reason"] == code)
    #expect(lines.first?.metadata["http.status"] == String(status))
    #expect(lines.first?.metadata["request_id"] == refusal.requestID)
    #expect(!lines.description.contains("verify-token"))
  }

  @Test(arguments: [nil, ""])
  func `without a configured token every handshake is refused, and only the log says why`(token: String?) async throws {
    let log = LogLines()
    let secrets = WebhookSecrets(verifyToken: token, appSecrets: [secret])
    try await withWebhook(secrets: secrets, log: log) { client in
      for query in ["hub.mode=subscribe&hub.verify_token=&hub.challenge=1", "hub.mode=subscribe&hub.challenge=1", "hub.verify_token=x"] {
        let answer = try await client.execute(uri: "/webhook/meta?\(query)", method: .get)
        #expect(answer.status == .forbidden)
        let refusal = try answer.refusal()
        #expect(refusal.code == "webhook.token_wrong")
        #expect(refusal.message == "\(WebhookRefusal.tokenWrong.message) \(WebhookRefusal.tokenWrong.advice)")
      }
    }
    let lines = await log.all()
    // The first line was there before any request, the other is that of the first one.
    #expect(lines.map(\.metadata["webhook.reason"]) == ["webhook.token_unset", "webhook.token_unset"])
    #expect(lines.first?.metadata["request_id"] == nil)
  }

  @Test(arguments: [("two words", "two+words"), ("two words", "two%20words"), ("one+one", "one+one"), ("one+one", "one%2Bone")])
  func `a plus in the token is read as a plus and as a space`(token: String, query: String) async throws {
    try await withWebhook(secrets: WebhookSecrets(verifyToken: token, appSecrets: [])) { client in
      let uri = "/webhook/meta?hub.mode=subscribe&hub.verify_token=\(query)&hub.challenge=77"
      let answer = try await client.execute(uri: uri, method: .get)
      #expect(answer.text == "77")
    }
  }

  @Test(arguments: ["/webhook/meta/", "//webhook/meta", "/webhook//meta", "/webhook/meta/x", "/webhook"])
  func `no other path is the webhook`(path: String) async throws {
    try await withWebhook { client in
      let query = "hub.mode=subscribe&hub.verify_token=a-verify-token&hub.challenge=1"
      let shaken = try await client.execute(uri: "\(path)?\(query)", method: .get)
      #expect(shaken.status == .notFound)
      let posted = try await client.execute(uri: path, method: .post)
      #expect(posted.status == .notFound)
    }
  }
}
