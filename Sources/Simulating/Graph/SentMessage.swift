import Foundation

/// A message that the stand-in has counted: as far as replyd can know, the customer gets it.
struct SentMessage: Sendable {
  let id: String
  let time: Date
  let message: GraphMessage
  /// The code by which it is said to have failed later; nil when it has not.
  var fails: Int?

  /// As `/simulator/sent` lists it.
  var listing: JSONValue {
    .compact([
      "id": .string(id), "time": .time(time), "number": .string(message.number), "type": .string(message.type),
      "to": message.to.map { .string($0) }, "recipient": message.recipient.map { .string($0) }, "text": message.text.map { .string($0) },
      "biz_opaque_callback_data": message.callbackData.map { .string($0) },
    ])
  }
}
