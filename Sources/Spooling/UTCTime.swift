package import Foundation

/// A moment split into the fields of the UTC calendar, to the millisecond.
package struct UTCTime: Hashable, Sendable {
  let year: Int
  let month: Int
  let day: Int
  private let millisecondOfDay: Int

  /// The nearest millisecond; a moment outside the years 1970 to 9999 counts as their first or last.
  package init(_ date: Date) {
    let last = 253_402_300_799_999.0
    let milliseconds = Int(min(max((date.timeIntervalSince1970 * 1000).rounded(), 0), last))
    // The calendar of 400 years, begun on 1 March so that the leap day is the last of its year.
    let days = milliseconds / 86_400_000 + 719_468
    let (era, dayOfEra) = (days / 146_097, days % 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
    month = shifted < 10 ? shifted + 3 : shifted - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    millisecondOfDay = milliseconds % 86_400_000
  }

  /// Nil unless `text` is exactly `20261122T073012.123Z` and names a moment that exists.
  init?(compact text: some Collection<UInt8>) {
    let form = "00000000T000000.000Z".utf8
    guard text.count == form.count else { return nil }
    var (date, time) = (0, 0)
    for (index, (byte, model)) in zip(text, form).enumerated() {
      guard model == UInt8(ascii: "0") else {
        guard byte == model else { return nil }
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let digit = Int(byte - UInt8(ascii: "0"))
      if index < 8 { date = date * 10 + digit } else { time = time * 10 + digit }
    }
    let (hour, minute, rest) = (time / 10_000_000, time / 100_000 % 100, time % 100_000)
    guard hour < 24, minute < 60, rest < 60_000 else { return nil }
    self.init(year: date / 10_000, month: date / 100 % 100, day: date % 100, millisecondOfDay: (hour * 60 + minute) * 60_000 + rest)
  }

  /// Nil unless `text` is exactly `2026-11-22T07:30:12.123Z`.
  init?(iso text: String) {
    let bytes = Array(text.utf8)
    let marks: [Int: Character] = [4: "-", 7: "-", 13: ":", 16: ":"]
    guard bytes.count == 24, marks.allSatisfy({ bytes[$0.key] == $0.value.asciiValue }) else { return nil }
    self.init(compact: bytes.enumerated().filter { marks[$0.offset] == nil }.map(\.element))
  }

  /// Nil unless the day exists, in 1970 or later.
  init?(year: Int, month: Int, day: Int, millisecondOfDay: Int = 0) {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1970...9999).contains(year), (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
    (self.year, self.month, self.day, self.millisecondOfDay) = (year, month, day, millisecondOfDay)
  }

  var date: Date {
    let shiftedYear = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = (shiftedYear / 400, shiftedYear % 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    return Date(timeIntervalSince1970: Double(days * 86_400_000 + millisecondOfDay) / 1000)
  }

  /// As in names: `20261122T073012.123Z`.
  var compact: String {
    // One allocation: each payload that comes in is named by it.
    String(unsafeUninitializedCapacity: 20) { text in
      put(year * 10_000 + month * 100 + day, 8, in: text, at: 0)
      text[8] = UInt8(ascii: "T")
      put(hour * 10_000 + minute * 100 + second, 6, in: text, at: 9)
      text[15] = UInt8(ascii: ".")
      put(millisecond, 3, in: text, at: 16)
      text[19] = UInt8(ascii: "Z")
      return 20
    }
  }

  /// As in reason files and log lines: `2026-11-22T07:30:12.123Z`.
  package var iso: String {
    String(unsafeUninitializedCapacity: 24) { text in
      put(year, 4, in: text, at: 0)
      put(month, 2, in: text, at: 5)
      put(day, 2, in: text, at: 8)
      put(hour, 2, in: text, at: 11)
      put(minute, 2, in: text, at: 14)
      put(second, 2, in: text, at: 17)
      put(millisecond, 3, in: text, at: 20)
      for (place, mark) in zip([4, 7, 10, 13, 16, 19, 23], "--T::.Z".utf8) { text[place] = mark }
      return 24
    }
  }

  var isoDay: String { "\(padded(year, 4))-\(padded(month))-\(padded(day))" }

  private var hour: Int { millisecondOfDay / 3_600_000 }
  private var minute: Int { millisecondOfDay / 60_000 % 60 }
  private var second: Int { millisecondOfDay / 1000 % 60 }
  private var millisecond: Int { millisecondOfDay % 1000 }

  private func put(_ number: Int, _ width: Int, in text: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
    var rest = number
    for place in stride(from: start + width - 1, through: start, by: -1) {
      text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }

  private func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(width - digits.count, 0)) + digits
  }
}
