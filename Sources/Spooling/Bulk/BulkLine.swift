/// Which line of which bulk file a payload was.
package struct BulkLine: Hashable, Sendable, CustomStringConvertible {
  /// The bulk file's name.
  package let file: String
  /// From 1.
  package let number: Int

  init(file: String, number: Int) {
    (self.file, self.number) = (file, number)
  }

  /// Nil unless `text` is as `description` has it; no file that is claimed can be called so.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]), number > 0 else { return nil }
    guard let file = PayloadID(String(text[..<colon])), file.isBulk else { return nil }
    self.init(file: file.description, number: number)
  }

  /// `export.ndjson:17`.
  package var description: String { "\(file):\(number)" }

  /// The name of the payload that a line becomes: `export~0017.json`.
  ///
  /// Of one width for all lines of a file, so that names sort as lines do: what one customer wrote is recorded in its order.
  static func name(of number: Int, in stem: String, width: Int) -> RawName {
    let digits = String(number)
    return RawName(stem + "~" + String(repeating: "0", count: max(width - digits.count, 0)) + digits + ".json")
  }

  /// What a payload's name says of its origin: the stem of a bulk file's name, and a number that may be a line's; or that of a namesake.
  static func parts(of stem: Substring) -> (stem: Substring, number: Int)? {
    guard let mark = stem.lastIndex(of: "~"), mark > stem.startIndex else { return nil }
    let digits = stem[stem.index(after: mark)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Int(digits).flatMap { number in number > 0 ? (stem[..<mark], number) : nil }
  }
}

/// Finds out which payloads were lines, while one intake is open.
///
/// A payload was a line where there is a bulk file of that name with its very time of modification, which each line takes over.
struct BulkLineSearch: Sendable {
  private struct Key: Hashable {
    let stem: Substring
    let modified: FileStatus.Time
  }

  private let spool: Spool
  private var known: [Key: String?] = [:]

  init(_ spool: Spool) {
    self.spool = spool
  }

  /// Nil for all but what was a line of a bulk file that is still in the spool.
  mutating func line(of name: RawName, _ status: FileStatus) throws(SpoolError) -> BulkLine? {
    guard status.isRegular, let id = name.payloadID, !id.isBulk else { return nil }
    var stem = id.stem
    // Twice: a namesake of a line has a number of its own.
    for _ in 0..<2 {
      guard let parts = BulkLine.parts(of: stem) else { return nil }
      if let file = try file(Key(stem: parts.stem, modified: status.modified)) { return BulkLine(file: file, number: parts.number) }
      stem = parts.stem
    }
    return nil
  }

  private mutating func file(_ key: Key) throws(SpoolError) -> String? {
    if let answer = known[key] { return answer }
    let file = try spool.bulkFile(named: String(key.stem), modified: key.modified)
    known[key] = .some(file)
    return file
  }
}
