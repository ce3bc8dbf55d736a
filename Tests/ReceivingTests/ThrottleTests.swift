import NIOCore
import Testing

@testable import Receiving

@Suite struct ThrottleTests {
  private let start = NIODeadline.uptimeNanoseconds(5_000_000_000)
  private let address = IPAddress(bits: 0xFFFF_CB00_7107)

  @Test func `as many at once as a second allows, and then one an interval`() throws {
    let throttle = try #require(Throttle(rate: 4, sparesLoopback: false))
    for _ in 1...4 { #expect(throttle.wait(of: address, now: start) == nil) }
    #expect(throttle.wait(of: address, now: start) == .milliseconds(250))
    #expect(throttle.wait(of: address, now: start + .milliseconds(249)) == .milliseconds(1))
    #expect(throttle.wait(of: address, now: start + .milliseconds(250)) == nil)
    #expect(throttle.wait(of: address, now: start + .milliseconds(250)) == .milliseconds(250))
    // What was not used is there again after a second, and never more than that.
    for _ in 1...4 { #expect(throttle.wait(of: address, now: start + .seconds(60)) == nil) }
    #expect(throttle.wait(of: address, now: start + .seconds(60)) != nil)
  }

  @Test(arguments: [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (59_500, "60")])
  func `the wait is told in whole seconds, rounded up`(milliseconds: Int64, told: String) {
    let answer = String(buffer: RequestRefusal.tooMany(wait: .milliseconds(milliseconds)).lastWord(requestID: "r"))
    #expect(answer.contains("\r\nretry-after: \(told)\r\n"), "\(answer)")
  }

  @Test func `each household has its own`() throws {
    let throttle = try #require(Throttle(rate: 1, sparesLoopback: false))
    for text in ["198.51.100.1", "198.51.100.2", "2001:db8::1", "2001:db8:0:1::1"] {
      #expect(throttle.wait(of: try #require(IPAddress(text)), now: start) == nil)
    }
    #expect(throttle.wait(of: try #require(IPAddress("2001:db8::2")), now: start) != nil)
  }

  @Test(arguments: [true, false]) func `this machine is spared where that is wanted`(isSpared: Bool) throws {
    let throttle = try #require(Throttle(rate: 1, sparesLoopback: isSpared))
    for text in ["127.0.0.1", "::1", "127.9.9.9"] {
      let address = try #require(IPAddress(text))
      #expect(throttle.wait(of: address, now: start) == nil)
      #expect((throttle.wait(of: address, now: start) == nil) == isSpared)
    }
  }

  @Test func `no rate is no limit`() {
    #expect(Throttle(rate: 0, sparesLoopback: false) == nil)
  }

  @Test func `it remembers a bounded number of addresses, those who ask the longest`() throws {
    let throttle = try #require(Throttle(rate: 1, sparesLoopback: false, addresses: 100))
    for number in 0..<10_000 {
      // The first asks again and again in between, and is not forgotten: it is made to wait each time.
      let isFirst = throttle.wait(of: address, now: start) == nil
      #expect(isFirst == (number == 0))
      #expect(throttle.wait(of: IPAddress(bits: 0xFFFF_0A00_0000 + UInt128(number)), now: start) == nil)
      #expect(throttle.count <= 100)
    }
  }
}
