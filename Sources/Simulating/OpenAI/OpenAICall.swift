import Foundation

/// A call to the API that the stand-in remembers, and what it said.
struct OpenAICall: Sendable {
  let time: Date
  let method: String
  let path: String
  let body: [UInt8]
  /// Whether the body is JSON, and may stand in a listing as it came.
  let isJSON: Bool
  /// Whether the model worked on it, whatever became of its answer.
  let isCounted: Bool
  /// Nil when there was no answer at all.
  let status: Int?
  /// What the model said; nil when it said nothing to a customer.
  let text: String?
  var code: String?
  /// A refusal's own words, or the fault's name; nil for a plain answer.
  var why: String?

  /// As `/simulator/requests` lists it: the body is not read and written again, so that not a byte of it differs.
  var listing: [UInt8] {
    let fields = JSONValue.compact([
      "time": .time(time), "method": .string(method), "path": .string(path), "counted": .bool(isCounted),
      "status": status.map { JSONValue($0) } ?? .null, "text": text.map { .string($0) } ?? .null, "code": code.map { .string($0) },
      "why": why.map { .string($0) },
    ])
    return fields.bytes.dropLast() + Array(",\"body\":".utf8) + (isJSON ? body : Array("null".utf8)) + [UInt8(ascii: "}")]
  }
}
