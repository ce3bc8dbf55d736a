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

  func row(addressID: String, conversation: String?, account: String?) -> Messages.Inbound {
    Messages.Inbound(
      correlationID: correlationID,
      conversationID: conversation,
      accountID: account,
      platform: platform,
      addressID: addressID,
      providerID: message.id,
      type: message.type,
      text: message.text,
      sentAt: message.sentAt ?? reading.arrival.receivedAt,
      receivedAt: reading.arrival.receivedAt,
      fileName: reading.arrival.name,
      ordinal: ordinal
    )
  }
}
