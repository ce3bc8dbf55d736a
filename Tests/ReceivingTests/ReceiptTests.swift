import Foundation
import Spooling
import Testing

@testable import Receiving

@Suite struct ReceiptTests {
  static let table: [Receipt] = {
    var table: [Receipt] = []
    for (signature, sha256) in [("sha256=00ff", [UInt8](repeating: 0xA0, count: 32)), (nil, nil)] as [(String?, [UInt8]?)] {
      for (secret, status) in [(3, 200), (nil, 503), (nil, nil)] as [(Int?, Int?)] {
        for (name, took) in [("20261122T063012.123Z-K7Q2M9XA.json", .microseconds(60_005)), (nil, nil)] as [(String?, Duration?)] {
          table.append(
            Receipt(
              at: receiptMoment, requestID: "a1b2", peer: signature == nil ? nil : "2001:db8::7", bytes: sha256.map { _ in 17 },
              sha256: sha256, signature: signature, verdict: "kept", secret: secret, status: status, file: name.flatMap { PayloadID($0) },
              took: took, isRestored: status == nil))
        }
      }
    }
    return table
  }()

  @Test(arguments: table)
  func `a receipt is one line, from which it is read again`(receipt: Receipt) throws {
    let line = receipt.line.bytes
    #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    #expect(line.last == UInt8(ascii: "\n"))
    #expect(Receipt(line: Data(line)) == receipt)
    #expect(String(decoding: receipt.line.day, as: UTF8.self) == "2026-11-22")
  }

  @Test func `the line has these keys in this order, for people and for jq`() throws {
    let body = Array("x".utf8)
    let receipt = try ReceiptSite.kept(body, as: "20261122T063012.123Z-K7Q2M9XA.json")
    let expected =
      #"{"at":"2026-11-22T06:30:12.123Z","request_id":"r1","peer":"192.0.2.7","bytes":1,"#
      + #""sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","#
      + #""signature":"\#(WebhookSignature(secret: secret).header(for: body))","verdict":"kept","secret":0,"status":200,"#
      + #""file":"20261122T063012.123Z-K7Q2M9XA.json","milliseconds":1.234}"# + "\n"
    #expect(String(decoding: receipt.line.bytes, as: UTF8.self) == expected)
    let refused = String(decoding: ReceiptSite.refused(peer: nil).line.bytes, as: UTF8.self)
    #expect(
      refused == #"{"at":"2026-11-22T06:30:12.123Z","request_id":"r1","peer":null,"bytes":null,"sha256":null,"signature":null,"#
        + #""verdict":"webhook.signature_missing","secret":null,"status":401,"file":null,"milliseconds":null}"# + "\n")
  }

  @Test(arguments: [
    "\"\\", "a\nb\r\t\0\u{1F}\u{7F}", "é olé \u{1F600}", #"","file":"20261122T063012.123Z-K7Q2M9XA.json","x":""#, "\u{2028}",
  ])
  func `a header that is meant to break the line does not`(signature: String) throws {
    let receipt = Receipt(
      at: receiptMoment, requestID: "r", peer: "p", bytes: 0, sha256: nil, signature: signature, verdict: "v", secret: nil, status: 401,
      file: nil, took: nil)
    let line = receipt.line.bytes
    #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    #expect(Receipt(line: Data(line)) == receipt)
    let file = line.withUnsafeBytes { ReceiptLines.text(of: ReceiptLines.fileKey, in: $0) }
    #expect(file == nil, "a reader must not take a stranger's text for the file")
  }

  @Test(arguments: [
    (String(repeating: "x", count: 200), 200), (String(repeating: "x", count: 201), 200), (String(repeating: "é", count: 150), 200),
    ("x" + String(repeating: "é", count: 150), 199), ("e" + String(repeating: "\u{301}", count: 1000), 199),
  ])
  func `a signature is cut to 200 bytes, whole scalars`(signature: String, length: Int) {
    let receipt = Receipt(
      at: receiptMoment, requestID: signature, peer: signature, bytes: nil, sha256: nil, signature: signature, verdict: "v", secret: nil,
      status: nil, file: nil, took: nil)
    #expect(receipt.signature?.utf8.count == length)
    #expect(receipt.requestID.utf8.count <= 100)
    #expect((receipt.peer?.utf8.count ?? 0) <= 100)
    #expect(signature.unicodeScalars.starts(with: receipt.signature?.unicodeScalars ?? "".unicodeScalars))
  }

  @Test(arguments: [
    (0.0, "1970-01-01T00:00:00.000Z"), (-5, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
    (1_795_391_999.9994, "2026-11-22T23:59:59.999Z"), (1_795_391_999.9996, "2026-11-23T00:00:00.000Z"),
    (1e18, "9999-12-31T23:59:59.999Z"),
  ])
  func `times are UTC to the millisecond, and never without a day`(seconds: Double, text: String) {
    let line = String(decoding: ReceiptLine(at: Date(timeIntervalSince1970: seconds)).bytes, as: UTF8.self)
    #expect(line == #"{"at":"\#(text)""#)
  }

  @Test func `a time is told as it is in its line, to each millisecond`() {
    for millisecond in 0..<1000 {
      let date = Date(timeIntervalSince1970: 1_795_329_012 + Double(millisecond) / 1000)
      let receipt = Receipt(
        at: date, requestID: "r", peer: nil, bytes: nil, sha256: nil, signature: nil, verdict: "v", secret: nil, status: nil, file: nil,
        took: nil)
      let digits = "00\(millisecond)".suffix(3)
      #expect(receipt.time == "2026-11-22T06:30:12.\(digits)Z")
    }
  }

  @Test(arguments: [
    "", "{", "null", "[]", #"{"at":"2026-11-22T06:30:12.123Z","verdict":"lost","count":3}"#, "\0\0\0\0",
    #"{"at":"soon","request_id":"r","verdict":"kept"}"#,
    #"{"at":"2026-11-22T06:30:12.123Z","request_id":"r","verdict":"kept","file":"../x.json"}"#,
  ])
  func `what is torn, or no receipt, is read as none`(line: String) {
    #expect(Receipt(line: Data(line.utf8)) == nil)
  }

  @Test func `every cut of a line is read as none`() throws {
    let line = try ReceiptSite.kept().line.bytes
    for length in 0..<(line.count - 1) { #expect(Receipt(line: Data(line[..<length])) == nil) }
  }

  @Test(arguments: [
    (Duration.milliseconds(-5), "0.000"), (.nanoseconds(1_999), "0.001"), (.seconds(3600), "3600000.000"), (.seconds(1e12), "3600000.000"),
  ])
  func `the time that it took is cut to microseconds, and makes sense whatever the clock says`(took: Duration, text: String) {
    let receipt = Receipt(
      at: receiptMoment, requestID: "r", peer: nil, bytes: nil, sha256: nil, signature: nil, verdict: "v", secret: nil, status: 401,
      file: nil, took: took)
    #expect(String(decoding: receipt.line.bytes, as: UTF8.self).hasSuffix("\"milliseconds\":\(text)}\n"))
  }

  @Test(arguments: ["192.0.2.7", nil])
  func `a record of the journal becomes a receipt`(peer: String?) throws {
    let kept = try ReceiptSite.kept()
    let record = JournalRecord(
      name: try #require(kept.file), receivedAt: receiptMoment, signature: kept.signature ?? "", peer: peer ?? "", requestID: "r1",
      secret: 2, sha256: kept.sha256 ?? [], bytes: someBody)
    let receipt = Receipt(restoring: record)
    #expect(receipt.isRestored)
    #expect((receipt.file, receipt.sha256, receipt.bytes, receipt.signature) == (kept.file, kept.sha256, kept.bytes, kept.signature))
    #expect((receipt.at, receipt.peer, receipt.requestID, receipt.secret) == (kept.at, peer, kept.requestID, 2))
    #expect((receipt.verdict, receipt.status, receipt.took) == ("kept", nil, nil))
  }
}
