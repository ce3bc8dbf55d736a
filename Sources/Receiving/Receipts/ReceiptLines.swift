import Foundation
import Glibc

/// Reads a day's receipts line by line, in bounded memory.
enum ReceiptLines {
  /// A line that is longer is none of ours, and skipped.
  static let bufferSize = 256 * 1024

  /// Calls `body` with each line, without its newline, until it says that it has seen enough.
  ///
  /// The last line may be torn, or still be written. A missing file has no lines.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - body: Gets bytes that are there only until it returns; answers whether to go on.
  /// - Throws: What the file system said.
  static func read(_ path: String, _ body: (UnsafeRawBufferPointer) -> Bool) throws(ReceiptError) {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if file < 0 {
      let code = errno
      if code == ENOENT { return }
      throw ReceiptError(code, of: "open", at: path)
    }
    defer { close(file) }
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: bufferSize, alignment: 1)
    defer { buffer.deallocate() }
    var (filled, isSkipping) = (0, false)
    while true {
      let count = Glibc.read(file, buffer + filled, bufferSize - filled)
      if count < 0 {
        let code = errno
        if code == EINTR { continue }
        throw ReceiptError(code, of: "read", at: path)
      }
      guard count > 0 else { break }
      filled += count
      guard let rest = split(UnsafeRawBufferPointer(start: buffer, count: filled), &isSkipping, body) else { return }
      memmove(buffer, buffer + (filled - rest), rest)
      filled = rest
      if filled == bufferSize { (filled, isSkipping) = (0, true) }
    }
    if filled > 0, !isSkipping { _ = body(UnsafeRawBufferPointer(start: buffer, count: filled)) }
  }

  /// Hands out the whole lines; how many bytes are left behind them, or nil when `body` has seen enough.
  private static func split(
    _ bytes: UnsafeRawBufferPointer, _ isSkipping: inout Bool, _ body: (UnsafeRawBufferPointer) -> Bool
  ) -> Int? {
    guard let start = bytes.baseAddress else { return 0 }
    var offset = 0
    while let end = memchr(start + offset, Int32(UInt8(ascii: "\n")), bytes.count - offset) {
      let next = UnsafeRawPointer(end) - start
      if !isSkipping, !body(UnsafeRawBufferPointer(rebasing: bytes[offset..<next])) { return nil }
      (offset, isSkipping) = (next + 1, false)
    }
    return bytes.count - offset
  }

  /// The text of a field that needs no escapes, found without reading the rest: in an escaped text the quotes would have backslashes.
  static func text(of key: StaticString, in line: UnsafeRawBufferPointer) -> String? {
    guard let start = line.baseAddress else { return nil }
    let length = key.utf8CodeUnitCount
    var offset = 0
    while let comma = memchr(start + offset, Int32(UInt8(ascii: ",")), line.count - offset) {
      offset = UnsafeRawPointer(comma) - start
      guard offset + length < line.count else { return nil }
      if memcmp(comma, key.utf8Start, length) == 0 {
        offset += length
        guard let end = memchr(start + offset, Int32(UInt8(ascii: "\"")), line.count - offset) else { return nil }
        return String(decoding: line[offset..<(UnsafeRawPointer(end) - start)], as: UTF8.self)
      }
      offset += 1
    }
    return nil
  }

  /// Whether a line of ours has its end: an object with no other in it, closed outside of its texts, without the zeroes of a lost page.
  static func isWhole(_ line: UnsafeRawBufferPointer) -> Bool {
    guard line.first == UInt8(ascii: "{"), line.last == UInt8(ascii: "}") else { return false }
    var (isText, isEscaped) = (false, false)
    for byte in line.dropLast() {
      guard byte >= 0x20 else { return false }
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = isText
      } else if byte == UInt8(ascii: "\"") {
        isText.toggle()
      }
    }
    return !isText
  }

  static let fileKey: StaticString = #","file":""#
  static let sha256Key: StaticString = #","sha256":""#
}
