/// Says where a text stops being JSON.
struct JSONError: Error, Hashable, Sendable {
  /// Counted from 0, in bytes.
  let offset: Int
  let expected: String
  /// Nil at the end of the text.
  let found: String?
}

/// Reads RFC 8259 strictly, except that text which cannot be stored is repaired and noted.
///
/// Repaired to U+FFFD: invalid UTF-8, halves of surrogate pairs, and NUL, which PostgreSQL refuses in a text. A byte order mark is skipped. What is
/// nested too deep is read past, left out as null and noted: one such value harms nothing beside it.
struct JSONReader {
  /// Deeper is left out: the reader calls itself once a level.
  static let depthLimit = 128

  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0
  private var scratch: [UInt8] = []
  /// The members of all objects that are still open; each takes its own off the end, and is as long as it has to be.
  private var open: [JSON.Member] = []
  private var notes = Notes()

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  static func read(_ bytes: [UInt8]) throws(JSONError) -> (value: JSON, notes: Notes) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var reader = JSONReader(buffer)
      let value = try reader.document()
      return (value, reader.notes)
    }
  }

  private mutating func document() throws(JSONError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    let value = try value(depth: 0)
    skipSpace()
    guard index == bytes.count else { throw failure("the end of the text") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    skipSpace()
    guard index < bytes.count else { throw failure("a value") }
    switch bytes[index] {
    case .openBrace, .openBracket:
      guard depth < Self.depthLimit else { return try tooDeep() }
      return bytes[index] == .openBrace ? try object(depth: depth + 1) : try array(depth: depth + 1)
    case .quote: return .string(try string())
    case .minus, .zero ... .nine: return .number(try number())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw failure("a value")
    }
  }

  private func failure(_ expected: String) -> JSONError {
    guard index < bytes.count else { return JSONError(offset: index, expected: expected, found: nil) }
    let byte = bytes[index]
    let isVisible = (0x21...0x7E).contains(byte)
    let found =
      isVisible ? "`\(Character(UnicodeScalar(byte)))`" : "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
    return JSONError(offset: index, expected: expected, found: found)
  }

  private mutating func skipSpace() {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index += 1
      default: return
      }
    }
  }

  /// Whether `byte` came next, after white space; it is used up then.
  private mutating func takes(_ byte: UInt8) -> Bool {
    skipSpace()
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let end = index + word.utf8CodeUnitCount
    guard end <= bytes.count, bytes[index..<end].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    else { throw failure("`\(word)`") }
    index = end
    return value
  }
}

// MARK: - Lists and objects

extension JSONReader {
  private mutating func array(depth: Int) throws(JSONError) -> JSON {
    index += 1
    if takes(.closeBracket) { return .array([]) }
    var elements: [JSON] = []
    repeat { elements.append(try value(depth: depth)) } while takes(.comma)
    guard takes(.closeBracket) else { throw failure("`,` or `]`") }
    return .array(elements)
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSON {
    let start = index
    index += 1
    if takes(.closeBrace) { return .object(JSON.Object(members: [])) }
    let first = open.count
    repeat {
      let key = try key()
      let value = try value(depth: depth)
      open.append(JSON.Member(key: key, value: value))
    } while takes(.comma)
    guard takes(.closeBrace) else { throw failure("`,` or `}`") }
    let members = Array(open[first...])
    open.removeSubrange(first...)
    noteRepeatedKeys(of: members, at: start)
    return .object(JSON.Object(members: members))
  }

  private mutating func key() throws(JSONError) -> String {
    skipSpace()
    guard index < bytes.count, bytes[index] == .quote else { throw failure("a key in quotes") }
    let key = try string()
    guard takes(.colon) else { throw failure("`:`") }
    return key
  }

  /// Reads past a list or an object that is nested too deep, without calling itself.
  private mutating func tooDeep() throws(JSONError) -> JSON {
    notes.add("nested deeper than \(Self.depthLimit) levels, so it is left out", at: "byte \(index)")
    // What closes each that is open.
    var closers: [UInt8] = []
    repeat {
      skipSpace()
      let closer: UInt8? =
        switch index < bytes.count ? bytes[index] : 0 {
        case .openBrace: .closeBrace
        case .openBracket: .closeBracket
        default: nil
        }
      if let closer {
        index += 1
        if !takes(closer) {
          closers.append(closer)
          if closer == .closeBrace { _ = try key() }
          continue
        }
      } else {
        _ = try value(depth: Self.depthLimit)
      }
      try skipEnds(&closers)
    } while !closers.isEmpty
    return .null
  }

  /// Goes on behind a value, to the next one or to the end of all that are open.
  private mutating func skipEnds(_ closers: inout [UInt8]) throws(JSONError) {
    while let closer = closers.last {
      if takes(.comma) {
        if closer == .closeBrace { _ = try key() }
        return
      }
      guard takes(closer) else { throw failure(closer == .closeBrace ? "`,` or `}`" : "`,` or `]`") }
      closers.removeLast()
    }
  }

  private mutating func noteRepeatedKeys(of members: [JSON.Member], at start: Int) {
    var hasRepeated = false
    if members.count <= 16 {
      // Cheaper than a set for the objects that webhooks are made of.
      for (position, member) in members.enumerated() where !hasRepeated {
        hasRepeated = members[..<position].contains { $0.key == member.key }
      }
    } else {
      hasRepeated = Set(members.map(\.key)).count < members.count
    }
    if hasRepeated { notes.add("a key is there twice; the last one counts", at: "byte \(start)") }
  }
}

// MARK: - Numbers and texts

extension JSONReader {
  private mutating func number() throws(JSONError) -> JSON.Number {
    let start = index
    if bytes[index] == .minus { index += 1 }
    if index < bytes.count, bytes[index] == .zero { index += 1 } else { try digits() }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < bytes.count, bytes[index] == .minus || bytes[index] == UInt8(ascii: "+") { index += 1 }
      try digits()
    }
    return JSON.Number(text: String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self))
  }

  private mutating func digits() throws(JSONError) {
    let start = index
    while index < bytes.count, (.zero ... .nine).contains(bytes[index]) { index += 1 }
    guard index > start else { throw failure("a digit") }
  }

  private mutating func string() throws(JSONError) -> String {
    index += 1
    let start = index
    skipPlainText()
    guard index < bytes.count, bytes[index] == .quote else { return try escapedString(from: start) }
    defer { index += 1 }
    return text(UnsafeBufferPointer(rebasing: bytes[start..<index]), at: start)
  }

  private mutating func skipPlainText() {
    while index < bytes.count, bytes[index] != .quote, bytes[index] != .backslash, bytes[index] >= 0x20 { index += 1 }
  }

  /// Goes on where the first byte that is not plain text was met.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    scratch.removeAll(keepingCapacity: true)
    var plain = start
    while index < bytes.count {
      scratch.append(contentsOf: bytes[plain..<index])
      switch bytes[index] {
      case .quote:
        index += 1
        return scratch.withUnsafeBufferPointer { text($0, at: start) }
      case .backslash:
        index += 1
        try escape()
      case 0:
        index += 1
        replace("a NUL")
      default: throw failure("no unescaped control character inside a text")
      }
      plain = index
      skipPlainText()
    }
    throw failure("the closing quote of the text that begins at byte \(start)")
  }

  private mutating func text(_ slice: UnsafeBufferPointer<UInt8>, at start: Int) -> String {
    if let text = String(validating: slice, as: UTF8.self) { return text }
    notes.add("bytes that are not UTF-8 became U+FFFD", at: "byte \(start)")
    return String(decoding: slice, as: UTF8.self)
  }

  private mutating func replace(_ what: String) {
    notes.add("\(what) became U+FFFD", at: "byte \(index)")
    scratch.append(contentsOf: [0xEF, 0xBF, 0xBD])
  }

  private mutating func escape() throws(JSONError) {
    guard index < bytes.count else { throw failure("the rest of an escape") }
    let plain: UInt8
    switch bytes[index] {
    case .quote, .backslash, UInt8(ascii: "/"): plain = bytes[index]
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0C
    case UInt8(ascii: "n"): plain = 0x0A
    case UInt8(ascii: "r"): plain = 0x0D
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "u"):
      index += 1
      return try unicodeEscape()
    default: throw failure("one of `\"\\/bfnrtu` after a backslash")
    }
    index += 1
    scratch.append(plain)
  }

  private mutating func unicodeEscape() throws(JSONError) {
    let unit = try fourHexDigits()
    guard unit != 0 else { return replace("a NUL") }
    if let scalar = UnicodeScalar(unit) { return append(scalar) }
    // A high half takes the low half that follows; anything else after it is read for itself.
    let next = index
    if unit < 0xDC00, next + 1 < bytes.count, bytes[next] == .backslash, bytes[next + 1] == UInt8(ascii: "u") {
      index += 2
      let low = try fourHexDigits()
      if (0xDC00...0xDFFF).contains(low), let scalar = UnicodeScalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + UInt32(low) - 0xDC00) {
        return append(scalar)
      }
      index = next
    }
    replace("half of a surrogate pair")
  }

  private mutating func append(_ scalar: UnicodeScalar) {
    scratch.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard index < bytes.count, let digit = bytes[index].hexDigit else { throw failure("four hex digits") }
      unit = unit << 4 | digit
      index += 1
    }
    return unit
  }
}

extension UInt8 {
  fileprivate var hexDigit: UInt16? {
    switch self {
    case .zero ... .nine: UInt16(self - .zero)
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(self - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(self - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  fileprivate static let quote = UInt8(ascii: "\"")
  fileprivate static let backslash = UInt8(ascii: "\\")
  fileprivate static let openBrace = UInt8(ascii: "{")
  fileprivate static let closeBrace = UInt8(ascii: "}")
  fileprivate static let openBracket = UInt8(ascii: "[")
  fileprivate static let closeBracket = UInt8(ascii: "]")
  fileprivate static let comma = UInt8(ascii: ",")
  fileprivate static let colon = UInt8(ascii: ":")
  fileprivate static let minus = UInt8(ascii: "-")
  fileprivate static let zero = UInt8(ascii: "0")
  fileprivate static let nine = UInt8(ascii: "9")
}
