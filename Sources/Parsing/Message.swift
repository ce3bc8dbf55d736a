package import Foundation

/// What was sent between a customer and the business, in either direction.
package struct Message: Sendable, Hashable {
  /// What a message is made of; what a platform calls its type says more (`image`, `sticker`).
  package indirect enum Content: Sendable, Hashable {
    case text(Text)
    case media([Media])
    case location(Location)
    case contacts([ContactCard])
    case choice(Choice)
    case form(Form)
    case callPermission(CallPermission)
    case order(Order)
    case reaction(Reaction)
    case system(SystemChange)
    case unsupported(Unsupported)
    case edit(Edit)
    case revoke(Revoke)
    /// Of a type that is not known: what lies under its name, as it was.
    case other(JSON)
  }

  /// The platform's id, opaque, of any length; a made one where it gave none.
  package let id: String
  /// Whether `id` is made of the message's content and its place in the payload: the same payload gives it again.
  package let isIDMade: Bool
  /// Who sent it, or to whom we did; it has a phone number or a scoped id unless the event has a fault.
  package let customer: Customer
  /// Whether the business sent it: an echo, or an old message of ours.
  package let isOurs: Bool
  /// A group's id when it was not sent to us alone.
  package let groupID: String?
  /// By the platform's clock, UTC; nil when missing or absurd, and a note says so: the receipt time counts then.
  package let sentAt: Date?
  /// The platform's name for it: `text`, `image`, …; `unknown` when it has none.
  package let type: String
  /// Nil when there is nothing under the type's name.
  package let content: Content?
  /// What it answers or hands on.
  package let context: Context?
  /// What brought the customer here.
  package let referral: Referral?
  /// Why it, or its media, could not be had.
  package let errors: [PlatformError]
  /// The program that sent it, in an echo: ours when we did.
  package let appID: String?
  /// What the program that sent it gave along, in an echo, as it was.
  package let metadata: String?
  /// Whether a reply is due as far as the message itself can say.
  package let wantsAnswer: Bool
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

  /// The words: a text's body, or the title of the button or row that was chosen.
  package var text: String? {
    switch content {
    case .text(let text): text.body
    case .choice(let choice): choice.title
    default: nil
    }
  }
}
