extension String {
  /// What somebody else wrote, as one line that is safe to put into a sentence: nothing invisible, and no line break.
  ///
  /// - Parameter limit: How many characters at most; as many code points again may be accents and the like.
  /// - Returns: The line, empty when nothing of the text can be seen.
  func plainLine(limit: Int) -> String {
    if isPlainLine, utf8.count <= limit { return self }
    var line = ""
    var (characters, scalars) = (0, 0)
    for character in Self(Self.UnicodeScalarView(unicodeScalars.lazy.compactMap(Self.harmless))) {
      // A blank after a blank, or at the beginning, is left out.
      if character == " ", line.isEmpty || line.last == " " { continue }
      characters += 1
      scalars += character.unicodeScalars.count
      guard characters <= limit, scalars <= 2 * limit else { break }
      line.append(character)
    }
    if line.last == " " { line.removeLast() }
    return line
  }

  /// Whether it is of visible ASCII and single blanks between, as most are.
  private var isPlainLine: Bool {
    var previous = UInt8(ascii: " ")
    for byte in utf8 {
      guard (0x20...0x7E).contains(byte), byte != UInt8(ascii: " ") || previous != byte else { return false }
      previous = byte
    }
    return previous != UInt8(ascii: " ")
  }

  /// Nil for what cannot be seen; a plain blank for every blank, line break and control character.
  private static func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator: " "
    // Persian spelling and many an emoji are made with these two.
    case .format: scalar == "\u{200C}" || scalar == "\u{200D}" ? scalar : nil
    case .privateUse, .surrogate: nil
    default: scalar
    }
  }
}
