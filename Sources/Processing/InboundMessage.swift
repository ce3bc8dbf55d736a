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
  /// Whether the file had failed and is run again.
  let isAgain: Bool

  var platform: String { event.platform?.rawValue ?? "" }

  /// The platform's id, or one made of the payload's bytes and the message's place in it: the same bytes give the same id.
  var providerID: String {
    if let given = message.providerID { return given }
    let digest = reading.arrival.sha256.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    return "made:\(digest):\(event.place)"
  }

  func row(addressID: String, conversation: String?) -> Messages.Inbound {
    Messages.Inbound(
      correlationID: correlationID,
      conversationID: conversation,
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
