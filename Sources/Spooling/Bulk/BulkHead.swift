/// The beginning of a bulk file: it tells a file of another kind, such as one payload over many lines, a table, or an archive.
enum BulkHead {
  /// So many lines are looked at, blank ones left out.
  static let lines = 1000

  /// Within so many bytes; where they hold fewer lines, nothing is said.
  private static let length = 1 << 20

  /// Whether any of the first lines may be a payload; also where there are fewer of them, since each of so few can be told of by itself.
  static func mayHoldPayloads(_ file: Descriptor, path: String) throws(SpoolError) -> Bool {
    var reader = LineReader(file, path: path, from: LineReader.beginning(of: file))
    var count = 0
    while count < lines {
      var (first, last): (UInt8?, UInt8?)
      let line = try reader.next { piece in
        first = first ?? piece.first
        last = piece.last { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") } ?? last
      }
      guard let line, line.end < length else { return true }
      if line.isBlank { continue }
      count += 1
      if first == UInt8(ascii: "{"), last == UInt8(ascii: "}") { return true }
    }
    return false
  }
}
