import Foundation

/// A call that was not counted as a message: refused, or made to fail before that.
struct UncountedCall: Sendable {
  let time: Date
  let method: String
  let path: String
  /// Nil when there was no answer at all.
  let status: Int?
  let code: Int?
  /// The refusal's own words, or the fault's name.
  let why: String
  let message: GraphMessage?

  /// As `/simulator/requests` lists it.
  var listing: JSONValue {
    .compact([
      "time": .time(time), "method": .string(method), "path": .string(path), "why": .string(why),
      "status": status.map { JSONValue($0) } ?? .null, "code": code.map { JSONValue($0) },
      "to": (message?.to ?? message?.recipient).map { .string($0) }, "text": message?.text.map { .string($0) },
      "biz_opaque_callback_data": message?.callbackData.map { .string($0) },
    ])
  }
}
