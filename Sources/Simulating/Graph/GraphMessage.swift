/// A message that Graph takes: every rule is kept.
struct GraphMessage: Hashable, Sendable {
  let version: String
  /// The id of the sending phone number.
  let number: String
  /// As it was sent, with `+`; nil when the customer is named by `recipient` alone.
  let to: String?
  let recipient: String?
  let type: String
  /// Nil for everything but texts.
  let text: String?
  let callbackData: String?

  /// The phone number as webhooks name it, without `+`.
  var phone: String? { to.map { String($0.dropFirst()) } }

  /// Whether the message goes to `customer`: a phone number with or without `+`, or a scoped id.
  ///
  /// A blank counts as a `+`: that is what a query string makes of one.
  func isFor(_ customer: String) -> Bool {
    let phone = customer.drop { $0 == "+" || $0 == " " }
    return self.phone == String(phone) || recipient == customer
  }
}
