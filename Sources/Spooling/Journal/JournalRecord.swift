package import Foundation

/// One acknowledged payload as the journal keeps it, with what its receipt needs.
package struct JournalRecord: Hashable, Sendable {
  /// Under which the payload becomes a file; nobody has used it before.
  package let name: PayloadID
  /// UTC, to the millisecond.
  package let receivedAt: Date
  /// The signature header as it came.
  package let signature: String
  /// The address that sent it.
  package let peer: String
  /// As in the log.
  package let requestID: String
  /// Which of the secrets had signed it, from 0; at most 255 are told apart.
  package let secret: Int
  /// Of the bytes; 32 bytes.
  package let sha256: [UInt8]
  /// The raw body.
  package let bytes: [UInt8]

  /// A record as the receiver has it; texts longer than 1,000 bytes are cut, and `sha256` must have its 32 bytes.
  package init(
    name: PayloadID, receivedAt: Date, signature: String, peer: String, requestID: String, secret: Int, sha256: [UInt8], bytes: [UInt8]
  ) {
    precondition(sha256.count == 32, "a SHA-256 has 32 bytes")
    (self.name, self.receivedAt) = (name, Date(milliseconds: receivedAt.wholeMilliseconds))
    (self.signature, self.peer, self.requestID) = (signature.cut, peer.cut, requestID.cut)
    (self.secret, self.sha256, self.bytes) = (min(max(secret, 0), 255), sha256, bytes)
  }

  private static let fixedLength = 8 + 1 + 2 + 2 + 2 + 2 + 4 + 32

  /// What it takes in a group.
  var length: Int {
    Self.fixedLength + name.description.utf8.count + signature.utf8.count + peer.utf8.count + requestID.utf8.count + bytes.count
  }

  /// Appends what the layout says of a record.
  func write(to buffer: inout [UInt8]) {
    buffer.append(little: UInt64(bitPattern: receivedAt.wholeMilliseconds))
    buffer.append(UInt8(secret))
    buffer.append(little: UInt16(name.description.utf8.count))
    buffer.append(little: UInt16(signature.utf8.count))
    buffer.append(little: UInt16(peer.utf8.count))
    buffer.append(little: UInt16(requestID.utf8.count))
    buffer.append(little: UInt32(bytes.count))
    buffer.append(contentsOf: sha256)
    buffer.append(contentsOf: name.description.utf8)
    buffer.append(contentsOf: signature.utf8)
    buffer.append(contentsOf: peer.utf8)
    buffer.append(contentsOf: requestID.utf8)
    buffer.append(contentsOf: bytes)
  }

  /// Reads one record from the front of `bytes`; nil when it is none, which after a right checksum means another version.
  init?(_ bytes: inout ArraySlice<UInt8>) {
    var rest = bytes
    guard let milliseconds = rest.takeLittle(UInt64.self), let secret = rest.popFirst() else { return nil }
    var lengths: [Int] = []
    for _ in 0..<4 {
      guard let length = rest.takeLittle(UInt16.self) else { return nil }
      lengths.append(Int(length))
    }
    guard let size = rest.takeLittle(UInt32.self), let sha256 = rest.take(32) else { return nil }
    var texts: [String] = []
    for length in lengths {
      guard let text = rest.take(length) else { return nil }
      texts.append(String(decoding: text, as: UTF8.self))
    }
    guard let body = rest.take(Int(size)), let name = PayloadID(texts[0]) else { return nil }
    self.init(
      name: name, receivedAt: Date(milliseconds: Int64(bitPattern: milliseconds)), signature: texts[1], peer: texts[2],
      requestID: texts[3], secret: Int(secret), sha256: Array(sha256), bytes: Array(body))
    bytes = rest
  }
}

extension String {
  /// At most 1,000 bytes, whole scalars.
  fileprivate var cut: String {
    guard utf8.count > 1000 else { return self }
    var end = utf8.index(startIndex, offsetBy: 1000)
    // Bytes of the form 10xxxxxx continue a scalar.
    while utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}

extension Date {
  /// Since 1970, the nearest.
  var wholeMilliseconds: Int64 { Int64(max(min(timeIntervalSince1970 * 1000, 9e15), -9e15).rounded()) }

  init(milliseconds: Int64) {
    self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
  }
}
