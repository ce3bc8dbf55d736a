internal import Deciding
internal import Foundation
internal import Parsing
internal import Recording

/// One message of a file, with what its file adds: a time where the platform gave none.
struct InboundMessage {
  let event: Event
  let message: Message
  let ordinal: Int
  let reading: Reading
  let correlationID: String
  /// Whether the file is new, came back, or is run again.
  let recorded: Payloads.Recorded

  var platform: String { event.platform?.rawValue ?? "" }

  /// What it shows of who sent it.
  var sighting: Sighting { Self.sighting(of: message, event, receivedAt: reading.arrival.receivedAt) }

  /// The same of a message that nobody has taken in.
  static func sighting(of message: Message, _ event: Event, receivedAt: Date) -> Sighting {
    let at = message.sentAt ?? receivedAt
    guard event.platform == .whatsapp else {
      // Such an id says nothing on another page.
      let pageID = message.scopedID.map { "\(event.address ?? "")/\($0)" }
      return Sighting(pageID: pageID, name: message.profileName, at: at)
    }
    return Sighting(
      phone: message.phone,
      scopedID: message.scopedID,
      parentID: message.customer.parentScopedID,
      name: message.profileName,
      at: at
    )
  }

  /// That its sender has another number or another id now; nil when it says no such thing.
  var change: IdentityChange? {
    guard event.platform == .whatsapp, case .system(let change) = message.content, change.isOfIdentity else { return nil }
    let seen = sighting
    let after = Sighting(phone: change.number, scopedID: change.scopedID, parentID: change.parentScopedID, name: seen.name, at: seen.at)
    // Whether the sender's ids beside it are the old ones or the new ones, no reference says.
    let before = Sighting(
      phone: seen.phone,
      scopedID: change.previousScopedID ?? (seen.scopedID == after.scopedID ? nil : seen.scopedID),
      parentID: change.previousParentScopedID ?? (seen.parentID == after.parentID ? nil : seen.parentID),
      name: seen.name,
      at: seen.at
    )
    return IdentityChange(before: before, after: after)
  }

  func row(addressID: String, conversation: String?, turn: String?, account: String?, meaning: OptWords.Meaning?) -> Messages.Inbound {
    Messages.Inbound(
      correlationID: correlationID,
      conversationID: conversation,
      turnID: turn,
      accountID: account,
      platform: platform,
      addressID: addressID,
      providerID: message.id,
      type: message.type,
      text: message.text,
      sentAt: message.sentAt ?? reading.arrival.receivedAt,
      receivedAt: reading.arrival.receivedAt,
      fileName: reading.arrival.name,
      ordinal: ordinal,
      meaning: meaning?.rawValue
    )
  }
}

extension SystemChange {
  /// Whether it says that somebody is known by other ids from now on.
  ///
  /// Source: the platform's reference of system messages, today's and the one before.
  fileprivate var isOfIdentity: Bool {
    ["user_changed_number", "customer_changed_number", "user_changed_user_id"].contains(type ?? "")
  }

  /// The new number's digits.
  fileprivate var number: String? {
    let digits = phone.map { $0.hasPrefix("+") ? $0.dropFirst() : $0[...] } ?? ""
    return (1...20).contains(digits.utf8.count) && digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
      ? String(digits) : nil
  }
}
