import Foundation

/// Answers by a script: at once, without network, and the same to the same.
package struct ScriptedResponder: Sendable {
  private let script: Script

  package init(script: Script) { self.script = script }

  /// Writes the answer to one turn.
  ///
  /// The first rule that matches any of the turn's messages answers them all; where it has several replies they take turns, by how often the
  /// agent has spoken before.
  ///
  /// - Throws: `ReplyError.scriptSilent`, `ReplyError.patternTooSlow`.
  package func reply(to inquiry: Inquiry) throws(ReplyError) -> String {
    let messages = inquiry.texts.enumerated().map { index, text in
      (text: text, words: Words(text), type: inquiry.types.indices.contains(index) ? inquiry.types[index] : "text")
    }
    for rule in script.rules {
      for message in messages {
        guard let groups = try rule.match(message.text, words: message.words, type: message.type) else { continue }
        return try fill(rule.replies, for: inquiry, groups: groups)
      }
    }
    return try fill(script.fallback, for: inquiry, groups: [])
  }

  private func fill(_ templates: [Template], for inquiry: Inquiry, groups: [String]) throws(ReplyError) -> String {
    let spoken = inquiry.history.count { $0.role == .agent }
    let template = templates[spoken % templates.count]
    let reply = template.filled { variable in
      switch variable {
      case .name: inquiry.customerName?.trimmed ?? ""
      case .text: inquiry.texts.filter { !$0.isEmpty }.joined(separator: "\n")
      case .channel: inquiry.channelName?.trimmed ?? ""
      case .time: clockTime(of: inquiry.now)
      case .group(let number): groups.indices.contains(number - 1) ? groups[number - 1] : ""
      }
    }
    guard !reply.isEmpty else { throw .scriptSilent(line: template.line) }
    return reply
  }

  /// Hours and minutes of 24, `09:05`.
  private func clockTime(of date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = script.timeZone
    let parts = calendar.dateComponents([.hour, .minute], from: date)
    return [parts.hour ?? 0, parts.minute ?? 0].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
