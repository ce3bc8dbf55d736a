import Crypto
import Foundation
import Spooling
import Testing

@testable import Receiving

/// 2026-11-22T06:30:12.123Z.
let receiptMoment = Date(timeIntervalSince1970: 1_795_329_012.123)

/// A folder of its own in the place of a spool, removed afterwards.
func withReceipts(_ body: (ReceiptSite) async throws -> Void) async throws {
  let path = "/tmp/replyd-receipts-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  // What a failed test leaves in /tmp harms nobody.
  defer { try? FileManager.default.removeItem(atPath: path) }
  try await body(ReceiptSite(path: path))
}

struct ReceiptSite: Sendable {
  let path: String

  var folder: ReceiptFolder { ReceiptFolder(spool: path) }

  func file(_ day: String = "2026-11-22") -> String { "\(path)/receipts/\(day).jsonl" }

  func text(_ day: String = "2026-11-22") throws -> String { try String(contentsOfFile: file(day), encoding: .utf8) }

  /// Every line of a day as JSON; fails the test when one is torn.
  func lines(_ day: String = "2026-11-22") throws -> [[String: Any]] {
    let text = try text(day)
    #expect(text.hasSuffix("\n"))
    return try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }

  func write(_ text: String, day: String = "2026-11-22") throws {
    try FileManager.default.createDirectory(atPath: path + "/receipts", withIntermediateDirectories: true)
    try text.write(toFile: file(day), atomically: false, encoding: .utf8)
  }

  func write(_ receipts: [Receipt], day: String = "2026-11-22") throws {
    try write(receipts.map { String(decoding: $0.line.bytes, as: UTF8.self) }.joined(), day: day)
  }

  /// The receipt of a body that was stored.
  static func kept(
    _ body: [UInt8] = someBody, as name: String? = nil, at date: Date = receiptMoment, id: String = "r1", secret key: String = secret
  ) throws -> Receipt {
    var generator = SystemRandomNumberGenerator()
    let file = try name.map { try #require(PayloadID($0)) } ?? PayloadID.fresh(receivedAt: date, using: &generator)
    return Receipt(
      at: date, requestID: id, peer: "192.0.2.7", bytes: body.count, sha256: Array(SHA256.hash(data: body)),
      signature: WebhookSignature(secret: key).header(for: body), verdict: Receipt.kept, secret: 0, status: 200, file: file,
      took: .microseconds(1234))
  }

  static func refused(peer: String? = "192.0.2.9", at date: Date = receiptMoment, id: String = "r1") -> Receipt {
    Receipt(
      at: date, requestID: id, peer: peer, bytes: nil, sha256: nil, signature: nil, verdict: "webhook.signature_missing", secret: nil,
      status: 401, file: nil, took: nil)
  }
}

/// Keeps receipts as they come.
struct ReceiptDrawer: Sendable {
  private let stream: AsyncStream<Receipt>
  private let continuation: AsyncStream<Receipt>.Continuation

  init() {
    // Unbounded: a test gets a few.
    (stream, continuation) = AsyncStream<Receipt>.makeStream()
  }

  var put: @Sendable (Receipt) -> Void { { [continuation] in continuation.yield($0) } }

  /// All until now; later ones are lost.
  func all() async -> [Receipt] {
    continuation.finish()
    var all: [Receipt] = []
    for await receipt in stream { all.append(receipt) }
    return all
  }
}

/// What a log tells of its troubles.
struct Troubles: Sendable {
  private let stream: AsyncStream<ReceiptTrouble>
  let hear: @Sendable (ReceiptTrouble) -> Void

  init() {
    // Unbounded: a log tells each trouble once.
    let (stream, continuation) = AsyncStream<ReceiptTrouble>.makeStream()
    self.stream = stream
    hear = { continuation.yield($0) }
  }

  /// The next that is told, whenever that is.
  func next() async throws -> ReceiptTrouble {
    var iterator = stream.makeAsyncIterator()
    return try #require(await iterator.next())
  }

  /// For logs that must not have any.
  static let none: @Sendable (ReceiptTrouble) -> Void = { Issue.record("\($0)") }
}
