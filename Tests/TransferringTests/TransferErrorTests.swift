import Testing
import Transferring

@Suite struct TransferErrorTests {
  @Test(arguments: [
    (TransferError.notSent(code: 7, detail: "refused"), "transfer.not_sent", true),
    (.notSent(code: 3, detail: "bad"), "transfer.not_sent", false),
    (.notSent(code: 60, detail: "expired"), "transfer.not_sent", true),
    (.cut(code: 28, detail: "slow"), "transfer.timed_out", true),
    (.cut(code: 65, detail: "rewind"), "transfer.cut", true),
    (.cut(code: 63, detail: "long"), "transfer.too_large", false),
    (.cancelled(wasSent: true), "transfer.cancelled", true),
    (.cancelled(wasSent: false), "transfer.cancelled", true),
    (.closed, "transfer.closed", true),
  ])
  func `every error says what it is`(error: TransferError, reason: String, isTemporary: Bool) {
    #expect(error.reason == reason)
    #expect(error.isTemporary == isTemporary)
    #expect(error.message.hasSuffix("."))
    #expect(error.advice.hasSuffix("."))
  }

  @Test func `a printed request shows no header's value`() {
    let request = TransferRequest(method: .get, url: "http://127.0.0.1", headers: [.init("Authorization", "Bearer secret")])
    #expect(!"\(request)".contains("secret"))
    #expect(!String(reflecting: request).contains("secret"))
    var dumped = ""
    dump(request.headers[0].description, to: &dumped)
    #expect(!dumped.contains("secret"))
  }
}
