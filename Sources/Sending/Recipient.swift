/// Whom a message goes to: a phone number, a business-scoped id, or both.
///
/// The phone wins where both are known. Customers with a user name and no recent tie to the business have no phone in webhooks,
/// and are written to by their scoped id alone.
///
/// Source: the platform's page on business-scoped user ids.
package struct Recipient: Hashable, Sendable {
  /// Digits only, with the country code and without `+`.
  package let phone: String?
  /// As the webhook gave it: `CC.` and up to 128 letters and digits.
  package let scopedID: String?

  /// Nil when neither names anybody: no digits (1 to 20, a leading `+` is taken off) and no scoped id.
  package init?(phone: String?, scopedID: String? = nil) {
    self.phone = phone.flatMap(Self.digits)
    self.scopedID = scopedID.flatMap { $0.isEmpty ? nil : $0 }
    guard self.phone != nil || self.scopedID != nil else { return nil }
  }

  private static func digits(of phone: String) -> String? {
    let digits = phone.hasPrefix("+") ? phone.dropFirst() : phone[...]
    let isPlain = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isPlain, (1...20).contains(digits.utf8.count) else { return nil }
    return String(digits)
  }
}
