import Foundation
import Parsing
import Testing

@testable import Measuring

struct `The stand-ins of the bench` {
  private func request(_ text: String) -> UpstreamRequest { Array(text.utf8).withUnsafeBytes { UpstreamRequest($0) } }

  private func stencil(_ text: String, _ fields: KeyValuePairs<String, Int>) -> String {
    var stencil = Stencil(text)
    for (name, number) in fields { stencil.fill(name, number) }
    return String(decoding: stencil.bytes, as: UTF8.self)
  }

  @Test func `fill numbers into every place of a name`() {
    #expect(stencil("a<x:4>b<x:2>c<y:x3>", ["x": 7, "y": 255]) == "a0007b07c0FF")
    #expect(stencil("nothing", ["x": 1]) == "nothing")
  }

  @Test func `give answers that say how long they are`() throws {
    let parts = String(decoding: Stencil(answer: Canned.reply).bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n")
    try #require(parts.count == 2)
    #expect(parts[0].contains("Content-Length: \(parts[1].utf8.count)"))
    #expect((try? JSONSerialization.jsonObject(with: Data(parts[1].utf8))) != nil)
  }

  @Test(arguments: [Canned.reply, Canned.accepted, Canned.question, Canned.send])
  func `speak JSON`(text: String) {
    #expect((try? JSONSerialization.jsonObject(with: Data(Stencil(text).bytes))) != nil)
  }

  @Test func `drop payloads that Parsing reads`() throws {
    let message = try ParsedPayload(bytes: Stencil(Canned.message).bytes)
    #expect(message.events.map(\.kind) == ["message.text"])
    #expect(message.events.allSatisfy { $0.fault == nil && $0.address == Canned.address })
    let status = try ParsedPayload(
      bytes: Stencil(Canned.status.replacing("WORD", with: "sent").replacing("CALLBACK", with: "send_1")).bytes)
    guard case .status(let read) = status.events.first?.content else { return #expect(Bool(false), "no status in \(status.events)") }
    #expect(read.state == "sent")
    #expect(read.callbackData == "send_1")
  }

  @Test func `find what is asked behind what was answered before`() {
    let history =
      #"{"content":"Message 000000000001: a","role":"user"},{"content":"Answer 000000000001 to 0001: Message","role":"assistant"},"#
    let question = #"{"content":"Message 000000000012: b\nMessage 000000000015: c","role":"user"}],"instructions":"Answer. Message."}"#
    guard case .ask(12, 2) = request("POST /v1/responses HTTP/1.1\r\n\r\n{\"input\":[" + history + question) else {
      return #expect(Bool(false), "not found")
    }
    guard case .senseless = request("POST /v1/responses HTTP/1.1\r\n\r\n{}") else { return #expect(Bool(false), "found something") }
    guard case .senseless = request("GET /v1/responses HTTP/1.1\r\n\r\n") else { return #expect(Bool(false), "found something") }
  }

  @Test func `read whom a reply goes to`() {
    let text = stencil(Canned.send, ["number": 42, "phone": Customer.phone(2), "mark": 1])
    guard case .send(let send) = request("POST /v25.0/\(Canned.address)/messages HTTP/1.1\r\n\r\n" + text) else {
      return #expect(Bool(false), "not read")
    }
    #expect(send.number == 42)
    #expect(send.count == 1)
    #expect(send.phone == Customer.phone(2))
    #expect(send.callback == Array("send_0000000000000001".utf8))
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\r\n", 18), ("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nok", 40),
    ("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\no", nil),
    ("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nokPOST", 40), ("POST / HTTP/1.1\r\n", nil), ("", nil),
  ])
  func `know a request that is whole`(text: String, length: Int?) {
    #expect(Array(text.utf8).withUnsafeBytes { UpstreamRequest.length(in: $0) } == length)
  }

  @Test func `notice what is sent twice, or to a stranger`() {
    var book = UpstreamBook(customers: 10)
    let send = UpstreamRequest.Send(number: 13, count: 2, phone: Customer.phone(3), callback: [1])
    book.sent(send, at: 0)
    #expect(book.report.isClean)
    #expect(book.report.answered == 2)
    book.sent(send, at: 0)
    #expect(book.report.doubles == 2)
    book.sent(UpstreamRequest.Send(number: 14, count: 1, phone: Customer.phone(3), callback: [2]), at: 0)
    #expect(book.report.strangers == 1)
    #expect(!book.report.isClean)
  }

  @Test func `time a message from its drop to its send, less what the model took`() {
    var book = UpstreamBook(customers: 100)
    for number in 0..<30 {
      book.dropped(number, at: 1_000_000)
      book.asked()
      book.replied(to: number, after: 5_000_000)
      book.sent(UpstreamRequest.Send(number: number, count: 1, phone: Customer.phone(number), callback: [UInt8(number)]), at: 9_000_000)
    }
    #expect(book.report.p50 == 3)
    #expect(book.report.mostUnderWay == 1)
    #expect(book.report.isClean)
  }

  @Test func `count the turns that are under way from the question to the send`() {
    var book = UpstreamBook(customers: 100)
    for number in 0..<3 {
      book.asked()
      book.replied(to: number, after: 0)
    }
    book.sent(UpstreamRequest.Send(number: 0, count: 1, phone: Customer.phone(0), callback: [0]), at: 0)
    book.asked()
    #expect(book.report.mostUnderWay == 3)
  }
}
