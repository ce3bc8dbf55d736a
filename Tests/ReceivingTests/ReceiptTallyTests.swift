import Foundation
import Testing

@testable import Receiving

@Suite struct ReceiptTallyTests {
  private static let second = Date(timeIntervalSince1970: 1_795_329_012)

  @Test func `ten refusals of an address get a line each, the others are counted`() {
    var tally = ReceiptTally()
    #expect(tally.turn(to: receiptMoment).isEmpty)
    let admitted = (1...47).map { _ in tally.admits("192.0.2.9") }
    #expect(admitted == Array(repeating: true, count: 10) + Array(repeating: false, count: 37))
    let isAnotherAdmitted = tally.admits("192.0.2.10")
    #expect(isAnotherAdmitted, "another address has its own ten")
    for _ in 2...10 { _ = tally.admits("192.0.2.10") }
    #expect(tally.turn(to: receiptMoment.addingTimeInterval(0.8)).isEmpty, "the second still runs")
    let surplus = tally.turn(to: receiptMoment.addingTimeInterval(0.9))
    #expect(surplus == [ReceiptTally.Surplus(at: Self.second, peer: "192.0.2.9", count: 37)])
    let isAdmittedAgain = tally.admits("192.0.2.9")
    #expect(isAdmittedAgain, "another second begins")
    #expect(!tally.hasSurplus)
  }

  @Test func `a clock that jumps back begins another second`() {
    var tally = ReceiptTally()
    _ = tally.turn(to: receiptMoment)
    for _ in 1...11 { _ = tally.admits("192.0.2.9") }
    #expect(tally.turn(to: receiptMoment.addingTimeInterval(-3600)).map(\.count) == [1])
  }

  @Test func `addresses beyond the most that are remembered are counted together`() {
    var tally = ReceiptTally()
    _ = tally.turn(to: receiptMoment)
    let admitted = (0..<5000).count { tally.admits("10.1.\($0 / 256).\($0 % 256)") }
    #expect(admitted == ReceiptTally.ownLinesInAll)
    let surplus = tally.end()
    #expect(surplus.filter { $0.peer == nil }.map(\.count) == [5000 - ReceiptTally.addressLimit])
    #expect(surplus.reduce(0) { $0 + $1.count } == 5000 - admitted)
    #expect(tally.end().isEmpty)
  }

  @Test func `many addresses together have so many lines a second, and then each is one`() {
    var tally = ReceiptTally()
    _ = tally.turn(to: receiptMoment)
    var admitted: [String: Int] = [:]
    for _ in 1...20 {
      for number in 1...100 where tally.admits("10.1.1.\(number)") { admitted["10.1.1.\(number)", default: 0] += 1 }
    }
    #expect(admitted.count == 100 && admitted.values.allSatisfy { $0 == 5 })
    let surplus = tally.end()
    #expect(surplus.count == 100 && surplus.allSatisfy { $0.count == 15 })
    let isAdmittedAgain = tally.admits("10.1.1.1")
    #expect(isAdmittedAgain, "another second begins")
  }

  @Test func `an IPv6 network of 64 bits is one address`() {
    var tally = ReceiptTally()
    _ = tally.turn(to: receiptMoment)
    let admitted = (1...47).count { tally.admits("2001:db8:0:1::\($0)") }
    #expect(admitted == 10)
    let isAnotherAdmitted = tally.admits("2001:db8:0:2::1")
    #expect(isAnotherAdmitted)
    #expect(tally.end() == [ReceiptTally.Surplus(at: Self.second, peer: "2001:db8:0:1::/64", count: 37)])
  }

  @Test func `a surplus is a line without a file`() throws {
    let line = ReceiptTally.Surplus(at: Self.second, peer: "192.0.2.9", count: 37).line.bytes
    let expected = #"{"at":"2026-11-22T06:30:12.000Z","peer":"192.0.2.9","verdict":"refused","count":37}"# + "\n"
    #expect(String(decoding: line, as: UTF8.self) == expected)
  }
}
