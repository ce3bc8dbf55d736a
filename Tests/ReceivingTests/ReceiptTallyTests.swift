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
    for number in 0..<5000 { _ = tally.admits("192.0.2.9/\(number)") }
    let isKnownAdmitted = (2...11).map { _ in tally.admits("192.0.2.9/0") }
    #expect(isKnownAdmitted == Array(repeating: true, count: 9) + [false], "who came before them keeps its own ten")
    let surplus = tally.end().filter { $0.peer == nil }
    #expect(surplus == [ReceiptTally.Surplus(at: Self.second, peer: nil, count: 5000 - ReceiptTally.addressLimit - ReceiptTally.ownLines)])
    #expect(tally.end().isEmpty)
  }

  @Test func `a surplus is a line without a file`() throws {
    let line = ReceiptTally.Surplus(at: Self.second, peer: "192.0.2.9", count: 37).line.bytes
    let expected = #"{"at":"2026-11-22T06:30:12.000Z","peer":"192.0.2.9","verdict":"refused","count":37}"# + "\n"
    #expect(String(decoding: line, as: UTF8.self) == expected)
  }
}
