import Foundation
import Spooling
import Testing

@testable import Receiving

@Suite struct ReceiptSealTests {
  private static let name = "20261122T063012.123Z-K7Q2M9XA.json"
  private static let other = "20261122T063013.000Z-AAAAAAAA.json"
  private static let otherBody = Array("{}".utf8)

  /// What a seal says, in a word.
  private static func word(_ seal: Seal) -> String {
    switch seal {
    case .valid(_, by: .signature(let secret)): "signed \(secret)"
    case .valid(_, by: .sha256): "sha256"
    case .invalid(_, .bytes): "bytes"
    case .invalid(_, .signature): "signature"
    case .unsealed: "unsealed"
    }
  }

  private static func receipt(of seal: Seal) -> Receipt? {
    switch seal {
    case .valid(let receipt, _), .invalid(let receipt, _): receipt
    case .unsealed: nil
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var name = ReceiptSealTests.name
    var bytes: [UInt8]? = someBody
    var secrets = [secret]
    let expected: String
    var sealedAs: String? = ReceiptSealTests.name
  }

  static let table = [
    Case(testDescription: "as it came", expected: "signed 0"),
    Case(testDescription: "one byte changed", bytes: someBody.dropLast() + [UInt8(ascii: "]")], expected: "bytes"),
    Case(testDescription: "one byte more", bytes: someBody + [10], expected: "bytes"),
    Case(testDescription: "emptied", bytes: [], expected: "bytes"),
    Case(testDescription: "too long to be read", bytes: nil, expected: "bytes"),
    Case(testDescription: "the bytes of another payload", bytes: otherBody, expected: "bytes"),
    Case(testDescription: "no secret is known", secrets: [], expected: "sha256"),
    Case(testDescription: "changed, and no secret is known", bytes: [1], secrets: [], expected: "bytes"),
    Case(testDescription: "the secret was replaced", secrets: ["another"], expected: "sha256"),
    Case(testDescription: "changed, and the secret was replaced", bytes: [1], secrets: ["another"], expected: "bytes"),
    Case(testDescription: "the second of two secrets", secrets: ["newer", secret], expected: "signed 1"),
    Case(testDescription: "the namesake's name", name: "20261122T063012.123Z-K7Q2M9XA~2.json", expected: "signed 0"),
    Case(testDescription: "renamed", name: "a copy.json", expected: "signed 0"),
    Case(testDescription: "renamed and changed", name: "a copy.json", bytes: [1], expected: "unsealed", sealedAs: nil),
    Case(testDescription: "renamed to a name of another day", name: "20240101T000000.000Z-AAAAAAAA.json", expected: "signed 0"),
    Case(testDescription: "dropped", name: "m1.json", bytes: Array("[1]".utf8), expected: "unsealed", sealedAs: nil),
    Case(testDescription: "too long, under another name", name: "big.json", bytes: nil, expected: "unsealed", sealedAs: nil),
  ]

  @Test(arguments: table)
  func `a file is as its receipt says, or not`(file: Case) async throws {
    try await withReceipts { site in
      try site.write([
        ReceiptSite.refused(), try ReceiptSite.kept(Self.otherBody, as: Self.other), try ReceiptSite.kept(as: Self.name),
      ])
      let secrets = file.secrets.map { WebhookSignature(secret: $0) }
      let seals = try SealSearch(spool: site.path).seals(of: [SealedFile(name: file.name, bytes: file.bytes, secrets: secrets)])
      #expect(seals.map(Self.word) == [file.expected])
      #expect(seals.first.flatMap(Self.receipt)?.file?.description == file.sealedAs)
    }
  }

  @Test func `a receipt that was changed to fit the file is not taken for one that a known secret proves`() async throws {
    try await withReceipts { site in
      let changed = Array("[\"changed\"]".utf8)
      let (honest, forged) = (try ReceiptSite.kept(as: Self.name), try ReceiptSite.kept(changed, as: Self.name, secret: "guessed"))
      let table = [(honest.signature, "sha256"), (forged.signature, "sha256"), (nil, "signature"), ("sha256=", "signature")]
      for (signature, expected) in table {
        let receipt = Receipt(
          at: forged.at, requestID: "r", peer: nil, bytes: forged.bytes, sha256: forged.sha256, signature: signature, verdict: "kept",
          secret: 0,
          status: 200, file: forged.file, took: nil)
        try site.write([receipt])
        let file = SealedFile(name: Self.name, bytes: changed, secrets: [WebhookSignature(secret: secret)])
        #expect(try SealSearch(spool: site.path).seals(of: [file]).map(Self.word) == [expected])
      }
    }
  }

  @Test func `a payload that was refused seals nothing`() async throws {
    try await withReceipts { site in
      let kept = try ReceiptSite.kept()
      let refused = Receipt(
        at: kept.at, requestID: "r", peer: nil, bytes: kept.bytes, sha256: kept.sha256, signature: kept.signature,
        verdict: "webhook.signature_wrong", secret: nil, status: 401, file: nil, took: nil)
      try site.write([refused])
      let file = SealedFile(name: Self.name, bytes: someBody, secrets: [])
      #expect(try SealSearch(spool: site.path).seals(of: [file]) == [.unsealed])
    }
  }

  @Test func `many files are looked for at once, on the day in their names, then newest first`() async throws {
    try await withReceipts { site in
      // The same bytes on three days: each file finds the receipt of its own name, a strange name the newest.
      let days = (0..<3).map { receiptMoment.addingTimeInterval(Double($0) * 86_400) }
      let receipts = try days.map { try ReceiptSite.kept(at: $0) }
      for receipt in receipts { try site.write([receipt], day: Day(receipt.at).description) }
      try site.write("not a day", day: "notes")
      let names = receipts.compactMap(\.file?.description) + ["strange.json"]
      let files = names.map { SealedFile(name: $0, bytes: someBody, secrets: []) }
      let seals = try SealSearch(spool: site.path).seals(of: files)
      #expect(seals.map(Self.receipt) == receipts + [receipts[2]])
    }
  }

  @Test func `a name whose receipt has strayed to another day is found there`() async throws {
    try await withReceipts { site in
      try site.write([ReceiptSite.refused()])
      try site.write([try ReceiptSite.kept(as: Self.name)], day: "2026-11-23")
      let file = SealedFile(name: Self.name, bytes: [1], secrets: [])
      #expect(try SealSearch(spool: site.path).seals(of: [file]).map(Self.word) == ["bytes"])
    }
  }

  @Test func `of two receipts of one name, that of the same bytes counts, wherever it stands`() async throws {
    try await withReceipts { site in
      let (same, other) = (try ReceiptSite.kept(as: Self.name), try ReceiptSite.kept(Self.otherBody, as: Self.name))
      for receipts in [[same, other], [other, same]] {
        try site.write(receipts)
        let file = SealedFile(name: Self.name, bytes: someBody, secrets: [])
        #expect(try SealSearch(spool: site.path).seals(of: [file]) == [.valid(same, by: .sha256)])
      }
    }
  }

  @Test func `a spool without receipts seals nothing`() async throws {
    try await withReceipts { site in
      let file = SealedFile(name: Self.name, bytes: someBody, secrets: [])
      let (one, none) = (try SealSearch(spool: site.path).seals(of: [file]), try SealSearch(spool: site.path).seals(of: []))
      #expect(one == [.unsealed])
      #expect(none.isEmpty)
    }
  }

  @Test func `lines that are torn, or endless, are passed over`() async throws {
    try await withReceipts { site in
      let line = String(decoding: try ReceiptSite.kept(as: Self.name).line.bytes, as: UTF8.self)
      let endless = [262_143, 262_144, 300_000, 600_000].map { String(repeating: "x", count: $0) }
      // The end of an endless line looks like a line, and is none.
      for (length, end) in [(262_144, "\n"), (262_144, ""), (524_288, "\n"), (100, "\n")] {
        try site.write(String(repeating: "x", count: length) + line.dropLast() + end)
        let file = SealedFile(name: Self.name, bytes: someBody, secrets: [])
        #expect(try SealSearch(spool: site.path).seals(of: [file]) == [.unsealed], "\(length)")
      }
      for junk in ["\n\n", "{\"at\":", String(line.dropLast(9))] + endless {
        try site.write(junk + "\n" + line)
        let file = SealedFile(name: Self.name, bytes: someBody, secrets: [])
        #expect(try SealSearch(spool: site.path).seals(of: [file]).map(Self.word) == ["sha256"], "\(junk.prefix(20)) \(junk.count)")
      }
    }
  }

  @Test func `a day of 100,000 lines is searched in bounded memory, first line and last`() async throws {
    try await withReceipts { site in
      let filling = try ReceiptSite.kept(Self.otherBody).line.bytes
      let (first, last) = ("20261122T000000.000Z-00000000.json", "20261122T235959.999Z-00000000.json")
      let day = try #require(Day("2026-11-22"))
      try site.folder.append(try ReceiptSite.kept(as: first).line.bytes, to: day)
      for _ in 0..<100 { try site.folder.append(Array(repeating: filling, count: 1000).flatMap { $0 }, to: day) }
      try site.folder.append(try ReceiptSite.kept(as: last).line.bytes, to: day)
      let size = try #require(try FileManager.default.attributesOfItem(atPath: site.file())[.size] as? Int)
      #expect(size > 30_000_000)
      let files = [first, last].map { SealedFile(name: $0, bytes: someBody, secrets: []) }
      let before = try Self.resetPeak()
      let seals = try SealSearch(spool: site.path).seals(of: files)
      let grown = try Self.peak() - before
      #expect(seals.map(Self.word) == ["sha256", "sha256"])
      #expect(grown < size / 4, "the peak grew by \(grown) bytes")
    }
  }

  /// Forgets the highest resident size so far; answers the present one, in bytes.
  private static func resetPeak() throws -> Int {
    // Source: proc(5), clear_refs: 5 resets the peak.
    try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    return try peak()
  }

  private static func peak() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let kilobytes = try #require(status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/)?.output.1)
    return try #require(Int(kilobytes)) * 1024
  }
}
