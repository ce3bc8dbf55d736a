internal import Foundation
internal import Parsing
internal import Recording

/// One message of a file, with what its file adds: an id where the platform gave none, a time where it gave none.
struct InboundMessage {
  let event: Event
  let message: Message
  let ordinal: Int
  let reading: Reading
  let correlationID: String
  /// Whether the file is new, came back, or is run again.
  let recorded: Payloads.Recorded

  var platform: String { event.platform?.rawValue ?? "" }

  /// The platform's id, or one made of the payload's bytes and the message's place in it: the same bytes give the same id.
  var providerID: String {
    message.providerID ?? InboundMessage.madeID(sha256: reading.arrival.sha256, place: event.place)
  }

  static func madeID(sha256: [UInt8], place: String) -> String {
    "made:" + sha256.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined() + ":" + place
  }

  func row(addressID: String, conversation: String?, account: String?) -> Messages.Inbound {
    Messages.Inbound(
      correlationID: correlationID,
      conversationID: conversation,
      accountID: account,
      platform: platform,
      addressID: addressID,
      providerID: providerID,
      type: message.type,
      text: message.text,
      sentAt: message.sentAt ?? reading.arrival.receivedAt,
      receivedAt: reading.arrival.receivedAt,
      fileName: reading.arrival.name,
      ordinal: ordinal
    )
  }
}
