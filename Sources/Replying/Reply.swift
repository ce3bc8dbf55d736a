/// What was written for a customer.
package struct Reply: Hashable, Sendable {
  /// As it goes to the customer.
  package let text: String
  /// Whether a person is to answer from now on.
  package let handsOff: Bool

  package init(_ text: String, handsOff: Bool = false) {
    (self.text, self.handsOff) = (text, handsOff)
  }
}
