import Foundation
import Glibc

/// One line of a day's receipts, a JSON object, as it is put together.
///
/// It begins with the time, and so with the day whose file it belongs to. Written by hand, for every request waits for one.
struct ReceiptLine: Sendable {
  /// With the newline, once it is ended.
  private(set) var bytes: [UInt8] = []

  /// Where the day and the time are in each line: after `{"at":"`.
  private static let (dayRange, timeRange) = (7..<17, 7..<31)

  /// Its UTC day: `2026-11-22`.
  var day: ArraySlice<UInt8> { bytes[Self.dayRange] }

  var time: String { String(decoding: bytes[Self.timeRange], as: UTF8.self) }

  init(at date: Date) {
    bytes.reserveCapacity(448)
    append(#"{"at":""#)
    append(date)
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func add(_ key: StaticString, text: String?) {
    begin(key)
    guard var text else { return append("null") }
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { text in
      if text.allSatisfy(Self.isPlain) {
        bytes.append(contentsOf: text)
      } else {
        for byte in text { append(escaped: byte) }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func add(_ key: StaticString, number: (some BinaryInteger)?) {
    begin(key)
    bytes += (number.map { String($0) } ?? "null").utf8
  }

  mutating func add(_ key: StaticString, hex: [UInt8]?) {
    begin(key)
    guard let hex else { return append("null") }
    bytes.append(UInt8(ascii: "\""))
    for byte in hex { append(hex: byte) }
    bytes.append(UInt8(ascii: "\""))
  }

  /// In milliseconds, to the microsecond: `1.234`.
  mutating func add(_ key: StaticString, milliseconds duration: Duration?) {
    let microseconds = duration?.wholeMicroseconds
    add(key, number: microseconds.map { $0 / 1000 })
    guard let microseconds else { return }
    bytes.append(UInt8(ascii: "."))
    append(Int(microseconds % 1000), digits: 3)
  }

  mutating func addTrue(_ key: StaticString) {
    begin(key)
    append("true")
  }

  mutating func end() {
    append("}\n")
  }

  private mutating func begin(_ key: StaticString) {
    append(",\"")
    append(key)
    append("\":")
  }

  private mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  private mutating func append(_ date: Date) {
    // A clock that is far off must not make a line without a day.
    let milliseconds = Int(min(max((date.timeIntervalSince1970 * 1000).rounded(), 0), 253_402_300_799_999))
    var (seconds, fields) = (time_t(milliseconds / 1000), tm())
    gmtime_r(&seconds, &fields)
    append(Int(fields.tm_year) + 1900, digits: 4)
    append(Int(fields.tm_mon) + 1, digits: 2, after: "-")
    append(Int(fields.tm_mday), digits: 2, after: "-")
    append(Int(fields.tm_hour), digits: 2, after: "T")
    append(Int(fields.tm_min), digits: 2, after: ":")
    append(Int(fields.tm_sec), digits: 2, after: ":")
    append(milliseconds % 1000, digits: 3, after: ".")
    bytes.append(UInt8(ascii: "Z"))
  }

  private mutating func append(_ number: Int, digits: Int, after mark: Unicode.Scalar? = nil) {
    if let mark { bytes.append(UInt8(ascii: mark)) }
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func append(escaped byte: UInt8) {
    if Self.isPlain(byte) {
      bytes.append(byte)
    } else if byte < 0x20 {
      append("\\u00")
      append(hex: byte)
    } else {
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(byte)
    }
  }

  private mutating func append(hex byte: UInt8) {
    bytes.append(Self.digit(byte >> 4))
    bytes.append(Self.digit(byte & 15))
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
