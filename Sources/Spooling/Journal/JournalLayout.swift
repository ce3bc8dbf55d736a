import Crypto

/// How a segment of the journal lies on disk.
///
/// A segment is a file of fixed length, full of zeroes or of an earlier use. Its first block is the header, which says which use this is; groups
/// follow, each at the beginning of a block, so that writing one never touches a block that holds another. All numbers are little-endian.
///
/// ```
/// header:  "RPLDJRN1" (8)   segment id (16)   length of the segment (8)   SHA-256 of these 32 bytes (32)   zeroes to the end of the block
/// group:   "GRUP" (4)   record count (4)   segment id (16)   sequence from 0 (8)   length of the records (8)
///          SHA-256 of these 40 bytes and the records (32)   the records   zeroes to the end of the block
/// record:  received at, ms (8)   secret (1)   lengths of name, signature, peer, request id (2 each)   length of the bytes (4)
///          SHA-256 of the bytes (32)   name   signature   peer   request id   the bytes
/// ```
enum JournalLayout {
  /// What a disk writes whole, at most: a torn write harms no other block.
  static let block = 4096
  static let magic = Array("RPLDJRN1".utf8)
  static let groupMagic = Array("GRUP".utf8)
  static let groupHeadLength = 72
  /// Of a group's head: what the checksum covers beside the records.
  private static let signedLength = 40

  /// Where the next group may begin after `offset`.
  static func nextBlock(_ offset: Int) -> Int { (offset + block - 1) / block * block }

  /// The header block of a segment of so many bytes.
  static func header(id: [UInt8], length: Int) -> [UInt8] {
    var head = magic + id
    head.append(little: UInt64(length))
    head += SHA256.hash(data: head)
    return head + [UInt8](repeating: 0, count: block - head.count)
  }

  /// What a segment's first block says.
  enum Header: Hashable, Sendable {
    case current(id: [UInt8], length: UInt64)
    /// Of a version that this program does not know.
    case newer
    /// Spoilt, for no segment gets its name before it has its header.
    case none
  }

  static func header(in bytes: some Collection<UInt8>) -> Header {
    let bytes = Array(bytes.prefix(64))
    guard bytes.count == 64 else { return .none }
    guard Array(bytes[..<8]) == magic else { return bytes.starts(with: magic.dropLast()) ? .newer : .none }
    guard Array(SHA256.hash(data: bytes[..<32])) == Array(bytes[32...]) else { return .none }
    var length = bytes[24..<32]
    return .current(id: Array(bytes[8..<24]), length: length.takeLittle(UInt64.self) ?? 0)
  }

  /// Puts a whole group into `buffer`, instead of what was in it.
  static func write(_ records: [JournalRecord], sequence: UInt64, id: [UInt8], to buffer: inout [UInt8]) {
    let length = records.reduce(0) { $0 + $1.length }
    let whole = nextBlock(groupHeadLength + length)
    buffer.removeAll(keepingCapacity: true)
    buffer.reserveCapacity(whole)
    buffer.append(contentsOf: groupMagic)
    buffer.append(little: UInt32(records.count))
    buffer.append(contentsOf: id)
    buffer.append(little: sequence)
    buffer.append(little: UInt64(length))
    buffer.append(contentsOf: repeatElement(0, count: groupHeadLength - signedLength))
    for record in records { record.write(to: &buffer) }
    var hash = SHA256()
    buffer.withUnsafeBytes { all in
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: all[..<signedLength]))
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: all[groupHeadLength...]))
    }
    buffer.replaceSubrange(signedLength..<groupHeadLength, with: Array(hash.finalize()))
    buffer.append(contentsOf: repeatElement(0, count: whole - buffer.count))
  }

  /// The head of a group as it was read.
  struct GroupHead: Hashable, Sendable {
    let count: Int
    let id: [UInt8]
    let sequence: UInt64
    /// Of the records together.
    let length: Int
    let checksum: [UInt8]
    private let signed: [UInt8]

    /// Nil when there is no group at the beginning of `bytes`.
    init?(_ bytes: some Collection<UInt8>) {
      var rest = Array(bytes.prefix(groupHeadLength))[...]
      guard rest.count == groupHeadLength else { return nil }
      signed = Array(rest.prefix(signedLength))
      guard rest.take(4).map(Array.init) == groupMagic, let count = rest.takeLittle(UInt32.self), let id = rest.take(16),
        let sequence = rest.takeLittle(UInt64.self), let length = rest.takeLittle(UInt64.self), length < 1 << 32
      else {
        return nil
      }
      (self.count, self.id, self.sequence, self.length, checksum) = (Int(count), Array(id), sequence, Int(length), Array(rest))
    }

    /// The records when their checksum is right, else nil.
    func records(in bytes: [UInt8]) -> [JournalRecord]? {
      var hash = SHA256()
      hash.update(data: signed)
      bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
      guard hash.finalize().elementsEqual(checksum) else { return nil }
      var rest = bytes[...]
      var records: [JournalRecord] = []
      for _ in 0..<count {
        guard let record = JournalRecord(&rest) else { return nil }
        records.append(record)
      }
      return rest.isEmpty ? records : nil
    }
  }
}

extension [UInt8] {
  mutating func append(little number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}

extension ArraySlice<UInt8> {
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= self.count else { return nil }
    defer { self = dropFirst(count) }
    return prefix(count)
  }

  mutating func takeLittle<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
    guard let bytes = take(Number.bitWidth / 8) else { return nil }
    return bytes.reversed().reduce(0) { $0 << 8 | Number($1) }
  }
}
