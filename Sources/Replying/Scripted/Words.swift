import Foundation

/// A text's words, without case and accents: what whole-word matching compares.
struct Words: Hashable, Sendable {
  private(set) var list: [String] = []

  /// Signs that are words by themselves (emoji, and scripts that put no spaces between words) stand alone.
  init(_ text: String) {
    var word = ""
    for scalar in text.lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars {
      switch Self.part(of: scalar) {
      case .none: continue
      case .letter: word.unicodeScalars.append(scalar)
      case .sign, .separator:
        if !word.isEmpty { list.append(word) }
        word = ""
        if Self.part(of: scalar) == .sign { list.append(String(scalar)) }
      }
    }
    if !word.isEmpty { list.append(word) }
  }

  private enum Part { case letter, sign, separator, none }

  private static func part(of scalar: UnicodeScalar) -> Part {
    switch scalar.value {
    // Accents, joiners, variation selectors and skin tones do not make another word.
    case 0x0300...0x036F, 0x200C...0x200D, 0xFE00...0xFE0F, 0x1F3FB...0x1F3FF: return .none
    // Thai to Khmer, kana, and the ideographs.
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x9FFF, 0x20000...0x3FFFF: return .sign
    default: break
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber, .otherNumber,
      .nonspacingMark, .spacingMark, .enclosingMark:
      return .letter
    case .otherSymbol: return .sign
    default: return .separator
    }
  }
}
