import Foundation

/// What matters of a Graph answer, read tolerantly: a field of an unexpected type is a missing field.
///
/// Codes come as numbers and as strings, `error_data` as an object, as a string, or not at all.
///
/// Source: Graph's error handling page, and recorded answers.
struct GraphAnswer: Decodable {
  let messageID: String?
  let fault: Fault?

  /// Nil when `body` is not a JSON object.
  init?(_ body: [UInt8]) {
    // Not an error of ours: an unreadable body is one of the outcomes, and the caller decides on nil.
    guard let answer = try? JSONDecoder().decode(GraphAnswer.self, from: Data(body)) else { return nil }
    self = answer
  }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    // `try?` here and below: a field of the wrong type counts as missing, and must not hide its neighbours.
    let messages = try? fields.decode([Message].self, forKey: .messages)
    messageID = messages?.first?.id.flatMap { $0.isEmpty ? nil : $0 }
    fault = try? fields.decode(Fault.self, forKey: .error)
  }

  private enum Key: String, CodingKey { case messages, error }

  private struct Message: Decodable { let id: String? }
}

extension GraphAnswer {
  struct Fault: Decodable {
    let code: Int?
    let subcode: Int?
    let details: String?
    let traceID: String?

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      code = fields.number(.code)
      subcode = fields.number(.subcode)
      traceID = fields.text(.trace)
      // `try?`: an `error_data` of another type is a missing one.
      let data = try? fields.nestedContainer(keyedBy: Key.self, forKey: .data)
      details = data?.text(.details) ?? fields.text(.data) ?? fields.text(.userMessage) ?? fields.text(.message)
    }

    fileprivate enum Key: String, CodingKey {
      case code, message, details
      case subcode = "error_subcode"
      case data = "error_data"
      case userMessage = "error_user_msg"
      case trace = "fbtrace_id"
    }
  }
}

extension KeyedDecodingContainer where Key == GraphAnswer.Fault.Key {
  // `try?` in both: a value of another type is a missing one.
  fileprivate func number(_ key: Key) -> Int? {
    if let number = try? decode(Int.self, forKey: key) { return number }
    return text(key).flatMap { Int($0) }
  }

  fileprivate func text(_ key: Key) -> String? {
    guard let text = try? decode(String.self, forKey: key), !text.isEmpty else { return nil }
    return text
  }
}
