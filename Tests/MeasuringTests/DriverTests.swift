import Foundation
import Receiving
import Testing

@testable import Measuring

struct `A driver` {
  @Test func `signs each request, and makes no two alike`() throws {
    var requests = SignedRequests(Load(port: 80, connections: 1, bytes: 1024, run: 7))
    var bodies: Set<[UInt8]> = []
    for number in [0, 1, 999_999_999_999] {
      requests.make(number)
      let text = String(decoding: requests.bytes, as: UTF8.self)
      let parts = text.components(separatedBy: "\r\n\r\n")
      try #require(parts.count == 2)
      let body = Array(parts[1].utf8)
      #expect(body.count == 1024)
      #expect(parts[0].contains("Content-Length: 1024\r\n"))
      #expect(parts[0].contains(WebhookSignature(secret: Load.secret).header(for: body)))
      #expect((try? JSONSerialization.jsonObject(with: Data(body))) != nil)
      #expect(parts[1].contains("wamid.7-\(String(format: "%012ld", number))"))
      bodies.insert(body)
    }
    #expect(bodies.count == 3)
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200), ("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", 503),
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", nil), ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", nil), ("HTTP/1.1", nil), ("", nil),
  ])
  func `knows an answer that is whole`(text: String, status: Int?) {
    #expect(AnswerHead.status(ofWhole: Array(text.utf8)) == status)
  }

  @Test func `ranks latencies to the nearest`() {
    var latencies = Latencies()
    for milliseconds in (1...100).shuffled() { latencies.add(nanoseconds: milliseconds * 1_000_000) }
    #expect(latencies.percentiles([0.5, 0.99, 0.999, 1]) == [50, 99, 100, 100])
    #expect(Latencies().percentiles([0.5]) == [0])
  }

  @Test(arguments: [[3.0, 1, 2]: 2.0, [4, 1, 2, 3]: 2.5, [5]: 5, [1, 2]: 1.5])
  func `takes the middle`(values: [Double], middle: Double) {
    #expect(median(values) == middle)
  }

  @Test(arguments: [
    (Bound(what: "x", value: 0.7, atLeast: 0.7), true), (Bound(what: "x", value: 0.69, atLeast: 0.7), false),
    (Bound(what: "x", value: 20, atMost: 20), true), (Bound(what: "x", value: 20.1, atMost: 20), false),
    (Bound(what: "x", value: .nan, atMost: 20), false),
  ])
  func `says whether a bound is met`(bound: Bound, isMet: Bool) {
    #expect(bound.isMet == isMet)
  }
}
