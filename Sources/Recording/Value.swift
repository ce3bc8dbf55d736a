package import Foundation

/// One value as both databases store it.
package enum Value: Hashable, Sendable {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])

  /// Times are kept as milliseconds since 1970, UTC.
  package static func date(_ date: Date) -> Value {
    .integer(date.milliseconds)
  }

  package static func date(_ date: Date?) -> Value {
    date.map(Value.date) ?? .null
  }

  package static func text(_ text: String?) -> Value {
    text.map(Value.text) ?? .null
  }

  package static func integer(_ integer: Int) -> Value {
    .integer(Int64(integer))
  }

  package static func integer(_ integer: Int?) -> Value {
    integer.map(Value.integer) ?? .null
  }
}

extension String {
  /// As it is stored: a text ends at its first NUL in C, and PostgreSQL takes none at all.
  var storable: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}

extension Date {
  /// Since 1970, rounded to the nearest.
  package var milliseconds: Int64 {
    Int64((timeIntervalSince1970 * 1000).rounded())
  }

  package init(milliseconds: Int64) {
    self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
  }
}

/// One row of an answer, its columns found by name.
///
/// A column that is not there, or of another type than asked for, is a fault of the statement beside it: it ends the process, which leaves the
/// transaction undone.
package struct Row: Sendable {
  private let names: [String]
  private let values: [Value]

  init(names: [String], values: [Value]) {
    (self.names, self.values) = (names, values)
  }

  package func value(_ name: String) -> Value {
    guard let index = names.firstIndex(of: name) else { preconditionFailure("no column \(name) among \(names)") }
    return values[index]
  }

  package func optionalText(_ name: String) -> String? {
    switch value(name) {
    case .null: nil
    case .text(let text): text
    default: preconditionFailure("column \(name) is not text")
    }
  }

  package func optionalInteger(_ name: String) -> Int? {
    switch value(name) {
    case .null: nil
    case .integer(let integer): Int(integer)
    default: preconditionFailure("column \(name) is not an integer")
    }
  }

  package func optionalBlob(_ name: String) -> [UInt8]? {
    switch value(name) {
    case .null: nil
    case .blob(let blob): blob
    default: preconditionFailure("column \(name) is not a blob")
    }
  }

  package func optionalDate(_ name: String) -> Date? {
    optionalInteger(name).map { Date(milliseconds: Int64($0)) }
  }

  package func text(_ name: String) -> String {
    guard let text = optionalText(name) else { preconditionFailure("column \(name) is null") }
    return text
  }

  package func integer(_ name: String) -> Int {
    guard let integer = optionalInteger(name) else { preconditionFailure("column \(name) is null") }
    return integer
  }

  package func date(_ name: String) -> Date {
    Date(milliseconds: Int64(integer(name)))
  }

  package func flag(_ name: String) -> Bool {
    integer(name) == 1
  }
}
