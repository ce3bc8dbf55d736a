/// What a name in incoming/ says about its file.
enum NameKind: Hashable, Sendable {
  /// `*.json`: a payload, of our own naming or dropped.
  case ours
  case dropped
  /// `*.ndjson`: one payload a line, to be taken apart.
  case bulk
  /// A dot file, `*.tmp` or `*.part`: somebody is not done with it, so it is never taken.
  case unfinished
  /// Any other ending: it stays where it is.
  case ignored

  init(_ name: UnsafeBufferPointer<UInt8>) {
    if name.first == UInt8(ascii: ".") || Self.ends(name, in: ".tmp") || Self.ends(name, in: ".part") {
      self = .unfinished
    } else if Self.ends(name, in: ".json") {
      self = PayloadID.receiptTime(in: name) == nil ? .dropped : .ours
    } else if Self.ends(name, in: ".ndjson") {
      self = .bulk
    } else {
      self = .ignored
    }
  }

  /// Whether such a file is claimed.
  var isTaken: Bool { self == .ours || self == .dropped || self == .bulk }

  private static func ends(_ name: UnsafeBufferPointer<UInt8>, in ending: StaticString) -> Bool {
    ending.withUTF8Buffer { name.count >= $0.count && name.suffix($0.count).elementsEqual($0) }
  }
}
