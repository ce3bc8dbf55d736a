import Foundation

/// The offset file of a bulk file: where to go on.
struct BulkProgress: Codable, Hashable, Sendable {
  /// Its name when it was begun: its payloads are named after it, whatever it is called since.
  let name: String
  /// How many lines it has.
  let lines: Int
  /// How many of them are payloads already, or lie beside the offset file and are placed next.
  var line = 0
  /// Where the next line begins, in bytes.
  var offset: Int
  /// How many payloads were made, since a blank line is none.
  var payloads = 0

  init(name: String, lines: Int, offset: Int) {
    (self.name, self.lines, self.offset) = (name, lines, offset)
  }

  /// Nil when the bytes are no offset file.
  init?(_ bytes: [UInt8]) {
    // What is wrong with them does not matter: they were synced before they were named so.
    guard let progress = try? JSONDecoder().decode(BulkProgress.self, from: Data(bytes)) else { return nil }
    self = progress
  }

  func bytes() throws(SpoolError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // A string and numbers: there is nothing that could not be encoded.
    guard let data = try? encoder.encode(self) else { throw .failed(call: "encode", code: EINVAL, path: "offset") }
    return Array(data) + [10]
  }

  /// The stem of its payloads' names.
  var stem: String { PayloadID(name).map { String($0.stem) } ?? name }

  /// How many digits a line's number has in them.
  var width: Int { String(lines).count }
}
