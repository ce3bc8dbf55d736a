/// Names that the API makes up, shaped like its own.
enum OpenAINames {
  /// A prefix and random hex digits.
  ///
  /// Source: ids in recorded answers.
  static func id(_ prefix: String, digits: Int = 48, using dice: inout some RandomNumberGenerator) -> String {
    let hex = Array("0123456789abcdef")
    return prefix + String((0..<digits).map { _ in hex[Int.random(in: 0..<16, using: &dice)] })
  }
}
