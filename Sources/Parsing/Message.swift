package import Foundation

/// What was sent between a customer and the business, in either direction.
package struct Message: Sendable, Hashable {
  /// What a message is made of; what a platform calls its type says more (`image`, `sticker`).
  package enum Content: Sendable, Hashable {
    /// Nearly all are; so this one has no place of its own.
    case text(Text)
    indirect case media([Media])
    indirect case location(Location)
    indirect case contacts([ContactCard])
    indirect case choice(Choice)
    indirect case form(Form)
    indirect case callPermission(CallPermission)
    indirect case order(Order)
    indirect case reaction(Reaction)
    indirect case system(SystemChange)
    indirect case unsupported(Unsupported)
    indirect case edit(Edit)
    indirect case revoke(Revoke)
    /// Of a type that is not known: what lies under its name, as it was.
    indirect case other(JSON)
  }

  /// The platform's id, opaque, of any length; a made one where it gave none.
  package let id: String
  /// The platform's name for it: `text`, `image`, …; `unknown` when it has none.
  package let type: String
  /// Who sent it, or to whom we did; it has a phone number or a scoped id unless the event has a fault.
  package let customer: Customer
  /// By the platform's clock, UTC; nil when missing or absurd, and a note says so: the receipt time counts then.
  package let sentAt: Date?
  /// Whether `id` is made of the message's content and its place in the payload: the same payload gives it again.
  package let isIDMade: Bool
  /// Whether the business sent it: an echo, or an old message of ours.
  package let isOurs: Bool
  /// Whether a reply is due as far as the message itself can say.
  package let wantsAnswer: Bool
  /// Nil when there is nothing under the type's name.
  package let content: Content?
  /// What it answers or hands on.
  @Boxed package private(set) var context: Context?
  /// What brought the customer here.
  @Boxed package private(set) var referral: Referral?
  /// Why it, or its media, could not be had.
  package let errors: [PlatformError]
  /// A group's id when it was not sent to us alone.
  @Boxed package private(set) var groupID: String?
  /// The program that sent it, in an echo: ours when we did.
  @Boxed package private(set) var appID: String?
  /// What the program that sent it gave along, in an echo, as it was.
  @Boxed package private(set) var metadata: String?
  /// Members that are not known, or of a wrong type, as they were.
  package let rest: [JSON.Member]

  /// The platform's id; nil when it was missing.
  package var providerID: String? { isIDMade ? nil : id }
  /// The customer's phone number, digits without `+`; nil when the platform keeps it back.
  package var phone: String? { customer.phone }
  /// The customer's scoped id.
  package var scopedID: String? { customer.scopedID }
  /// What the customer calls themself: their own choice, not to be trusted.
  package var profileName: String? { customer.name }

  /// The words: a text's body, those under a picture or beside an order, or the title of the button or row that was chosen.
  package var text: String? {
    switch content {
    case .text(let text): return text.body
    case .choice(let choice): return choice.title
    case .order(let order): return order.text
    case .media(let media):
      let captions = media.compactMap(\.caption)
      return captions.isEmpty ? nil : captions.joined(separator: "\n")
    default: return nil
    }
  }
}
