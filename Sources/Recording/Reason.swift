/// Why something was refused or failed, as an operator reads it.
package struct Reason: Hashable, Sendable {
  /// Bounded and dotted: `window.expired`.
  package let code: String
  /// What happened, as a sentence.
  package let message: String
  /// What to do about it.
  package let advice: String

  package init(code: String, message: String, advice: String) {
    (self.code, self.message, self.advice) = (code, message, advice)
  }

  init?(_ row: Row) {
    guard let code = row.optionalText("reason") else { return nil }
    self.init(code: code, message: row.optionalText("detail") ?? "", advice: row.optionalText("advice") ?? "")
  }
}
