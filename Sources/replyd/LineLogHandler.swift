internal import Foundation
internal import Glibc
internal import Logging
internal import Spooling

/// Writes each log line to stderr at once: time, level, what happened, then `key=value` pairs in order.
struct LineLogHandler: LogHandler {
  var logLevel: Logger.Level = .info
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line = "\(UTCTime(Date()).iso)  \(event.level.rawValue)  \(event.message)"
    let own = event.metadata ?? [:]
    let pairs = Array(own) + metadata.filter { own[$0.key] == nil }
    for (key, value) in pairs.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(LineLogHandler.quoted("\(value)"))" }
    if let error = event.error { line += " error=\(LineLogHandler.quoted("\(error)"))" }
    line += "\n"
    // One write: lines of several threads, and of several processes, stay whole. Its answer does not matter: there is nowhere to say it.
    _ = line.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// In quotes where it would be read as more than one word; one line always.
  private static func quoted(_ value: String) -> String {
    // Nearly all are of these: ids, codes, numbers.
    if !value.isEmpty, value.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") }) { return value }
    guard value.isEmpty || value.contains(where: { $0.isWhitespace || $0 == "\"" || $0.isNewline }) else { return value }
    let escaped = value.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
      .split(whereSeparator: \.isNewline).joined(separator: " ")
    return "\"\(escaped)\""
  }
}
