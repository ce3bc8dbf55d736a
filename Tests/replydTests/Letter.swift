import Foundation
import NIOConcurrencyHelpers

/// A customer's message that is known again by its words, wherever it is: in the ledger, and in the reply.
struct Letter: Hashable, Sendable {
  /// What the payload shows of who wrote it.
  enum Naming: Hashable, Sendable {
    case phone
    case id
    case both
  }

  /// `m17`; `m17x3` asks for a reply in three parts, which a model only gives.
  let token: String
  /// As they are written to: `+15550100177`.
  let customer: String
  /// The number it is written to.
  let number: String
  let naming: Naming

  init(_ number: Int, parts: Int = 1, from customer: Int, to channel: String, naming: Naming = .phone) {
    token = parts > 1 ? "m\(number)x\(parts)" : "m\(number)"
    self.customer = "+\(customer)"
    self.number = channel
    self.naming = naming
  }

  var id: String { "wamid.\(token)" }

  /// A payload that brings them; all must be to one number.
  static func payload(_ letters: [Letter]) -> [UInt8] {
    let messages = letters.map { letter in
      """
      {\(letter.sender),"id":"\(letter.id)","timestamp":"\(Int(Date().timeIntervalSince1970))","type":"text",\
      "text":{"body":"\(letter.token)"}}
      """
    }
    return payload(of: #""messages":[\#(messages.joined(separator: ","))]"#, to: letters.first?.number ?? "")
  }

  private var sender: String {
    let (phone, id) = (#""from":"\#(customer.dropFirst())""#, #""from_user_id":"\#(Letter.idPrefix)\#(customer.dropFirst())""#)
    return switch naming {
    case .phone: phone
    case .id: id
    case .both: "\(phone),\(id)"
    }
  }

  private static let idPrefix = "US."

  /// Whom a message went to, as `customer`; it is sent to their id as long as nobody has shown their phone along with it.
  static func customer(of sent: Workplace.Sent.Message) -> String? {
    sent.to ?? sent.recipient.map { "+" + $0.dropFirst(idPrefix.count) }
  }

  /// A payload in which the platform says that it could not deliver.
  static func failure(of id: String, callbackData: String, code: Int = 131_026) -> [UInt8] {
    let error = #"[{"code":\#(code),"title":"Trouble"}]"#
    return payload(
      of: #""statuses":[{"id":"\#(id)","status":"failed","biz_opaque_callback_data":"\#(callbackData)","errors":\#(error)}]"#,
      to: Workplace.number)
  }

  private static func payload(of members: String, to number: String) -> [UInt8] {
    let body = """
      {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",\
      "metadata":{"display_phone_number":"15550100100","phone_number_id":"\(number)"},\(members)}}]}]}
      """
    return Array(body.utf8)
  }

  // MARK: The reply

  /// A part of a reply, as it was sent.
  struct Part: Hashable, Sendable {
    let tokens: Set<String>
    /// 1, 2, … of `count`.
    let number: Int
    let count: Int
    /// Which of all replies it is part of; 0 of a script's, which are all alike.
    let serial: Int

    init(_ text: String) {
      let head = text.prefix { $0 != "~" }
      tokens = Set(Letter.tokens(in: head))
      // A script answers in one part and says nothing of it.
      let numbers =
        head.hasPrefix("[") ? head.split(separator: "] ").last?.split(separator: "/").map { Int($0.trimming) ?? 0 } ?? [] : [1, 1, 0]
      (number, count, serial) = numbers.count == 3 ? (numbers[0], numbers[1], numbers[2]) : (0, 0, 0)
    }
  }

  static func tokens(in text: some StringProtocol) -> [String] {
    let words = text.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).map { String($0) }
    return words.filter { $0.hasPrefix("m") && $0.dropFirst().first?.isNumber == true }
  }

  static func parts(_ token: String) -> Int { token.split(separator: "x").dropFirst().first.flatMap { Int($0) } ?? 1 }
}

/// A model that never says the same twice, and remembers how often it was asked about the same messages.
final class TalkingModel: Sendable {
  private struct State {
    var serial = 0
    var asked: [Set<String>: Int] = [:]
  }

  private let state = NIOLockedValueBox(State())

  /// Answers in as many parts as one of the messages asks for, each of which names all messages.
  func reply(to text: String) -> String {
    let tokens = Letter.tokens(in: text)
    let serial = state.withLockedValue { state in
      state.serial += 1
      state.asked[Set(tokens), default: 0] += 1
      return state.serial
    }
    let parts = tokens.map(Letter.parts).max() ?? 1
    let paragraphs = (1...parts).map { part in
      "[\(tokens.joined(separator: " "))] \(part)/\(parts)/\(serial)" + (parts > 1 ? " ~" + String(repeating: "o", count: 2100) : "")
    }
    return paragraphs.joined(separator: "\n\n")
  }

  func asked(about tokens: Set<String>) -> Int { state.withLockedValue { $0.asked[tokens] ?? 0 } }
}

extension Substring {
  fileprivate var trimming: String { filter { $0 != " " } }
}
