package import Foundation
package import Spooling

/// What became of one request to the webhook: one line of `receipts/<day>.jsonl`.
///
/// A receipt seals the file that a payload became: with its SHA-256 and its signature, anybody can tell later whether the file is as it came.
package struct Receipt: Sendable, Hashable {
  /// The verdict on a payload that was stored.
  package static let kept = "kept"

  /// When the request had come whole, or was refused (UTC, to the millisecond).
  package let at: Date
  package let requestID: String
  /// The address that sent it; nil when it is not known.
  package let peer: String?
  /// The body's length; nil when it was refused unread.
  package let bytes: Int?
  /// Of the body; nil when it was refused unread.
  package let sha256: [UInt8]?
  /// The signature header as it came; nil when there was none.
  package let signature: String?
  /// ``kept``, or the code of the refusal.
  package let verdict: String
  /// Which of the app secrets had signed it, from 0; nil when none had.
  package let secret: Int?
  /// What was answered; nil when nothing was, or that is not known.
  package let status: Int?
  /// The name under which the payload was stored; nil when it was not.
  package let file: PayloadID?
  /// From the request's head to the answer; nil when it is not known.
  package let took: Duration?
  /// Whether it was made from the journal after a crash.
  package let isRestored: Bool

  /// A receipt; the time is rounded to the millisecond, and texts that came from outside are cut.
  ///
  /// - Parameters:
  ///   - at: When the request had come whole, or was refused (UTC).
  ///   - requestID: As in the log; cut to 100 bytes.
  ///   - peer: The address that sent it, if known; cut to 100 bytes.
  ///   - bytes: The body's length, if it was read.
  ///   - sha256: Of the body, if it was read; 32 bytes.
  ///   - signature: The header as it came, if it did; cut to 200 bytes.
  ///   - verdict: ``kept``, or the code of the refusal.
  ///   - secret: Which of the app secrets had signed it, from 0.
  ///   - status: The HTTP status that was answered, if one was.
  ///   - file: The name under which the payload was stored, if it was.
  ///   - took: From the request's head to the answer, if it is known; zero or more.
  ///   - isRestored: Whether it is made from the journal.
  package init(
    at: Date, requestID: String, peer: String?, bytes: Int?, sha256: [UInt8]?, signature: String?, verdict: String, secret: Int?,
    status: Int?, file: PayloadID?, took: Duration?, isRestored: Bool = false
  ) {
    self.at = Date(timeIntervalSince1970: (at.timeIntervalSince1970 * 1000).rounded() / 1000)
    (self.requestID, self.peer) = (requestID.cut(to: 100), peer?.cut(to: 100))
    (self.bytes, self.sha256, self.signature) = (bytes, sha256, signature?.cut(to: 200))
    (self.verdict, self.secret, self.status, self.file, self.isRestored) = (verdict, secret, status, file, isRestored)
    self.took = took.map { .microseconds(max($0.wholeMicroseconds, 0)) }
  }

  /// The receipt of a payload that the journal kept.
  ///
  /// Whether the request was answered before the crash, nobody knows.
  package init(restoring record: JournalRecord) {
    self.init(
      at: record.receivedAt, requestID: record.requestID, peer: record.peer.isEmpty ? nil : record.peer, bytes: record.bytes.count,
      sha256: record.sha256,
      signature: record.signature, verdict: Self.kept, secret: record.secret, status: nil, file: record.name, took: nil, isRestored: true)
  }

  /// Whether the client was told no, or nothing at all.
  var isRefusal: Bool { status.map { $0 >= 400 } ?? (file == nil) }
}

extension Duration {
  /// Cut off towards zero; far more than a request can take counts as an hour.
  var wholeMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    return abs(seconds) > 3600 ? 3_600_000_000 : seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}

extension String {
  /// At most `limit` bytes of UTF-8, whole scalars.
  fileprivate func cut(to limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var (text, length) = (String.UnicodeScalarView(), 0)
    for scalar in unicodeScalars {
      length += UTF8.width(scalar)
      guard length <= limit else { break }
      text.append(scalar)
    }
    return String(text)
  }
}
