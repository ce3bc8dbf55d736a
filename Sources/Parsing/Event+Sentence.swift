import Foundation

extension Event {
  /// The event on one line, in words, safe for a terminal.
  package var sentence: String {
    let line =
      switch content {
      case .message(let message): sentence(for: message)
      case .status(let status): sentence(for: status)
      case .other(let name): sentence(for: name)
      }
    guard let fault else { return line }
    return "\(line), unreadable: \(shown(fault))"
  }

  private func sentence(for message: Message) -> String {
    var line = "\(message.type) message \(message.providerID.map(shown) ?? "without an id")"
    line += " from \((message.phone ?? message.scopedID).map(shown) ?? "nobody")"
    if let name = message.profileName { line += " (\(shown(name)))" }
    if let group = message.groupID { line += " in group \(shown(group))" }
    line += message.sentAt.map { " at \($0.text)" } ?? " without a time"
    if let text = message.text { line += ": “\(shown(text))”" }
    return line
  }

  private func sentence(for status: Status) -> String {
    var line = "status \(status.state) of \(status.messageID.map(shown) ?? "a message without an id")"
    if let recipient = status.recipient ?? status.recipientScopedID { line += " to \(shown(recipient))" }
    line += status.at.map { " at \($0.text)" } ?? " without a time"
    if let data = status.callbackData { line += ", callback data \(shown(data))" }
    for error in status.errors { line += "; error \(shown(error.sentence))" }
    return line
  }

  private func sentence(for name: String) -> String {
    switch kind.prefix(while: { $0 != "." }) {
    case "message", "status": "\(kind) (not read)"
    case "echo": "echo: a \(name) message that the business sent"
    case "history": "history: old messages that were handed over"
    case "standby": "standby: \(kind.dropFirst("standby.".count)), while another agent holds the conversation"
    case "preference": "preference: what a customer wants to be sent"
    case "notice": "notice: \(name)"
    case "error": "error"
    default: "\(kind): not a kind that is read"
    }
  }
}

extension Date {
  /// RFC 3339 in UTC, with milliseconds only where there are some.
  var text: String {
    let hasFraction = timeIntervalSince1970 != timeIntervalSince1970.rounded(.down)
    return formatted(.iso8601.year().month().day().time(includingFractionalSeconds: hasFraction).timeZone(separator: .omitted))
  }
}

/// At most 200 characters, without anything that could move a terminal's cursor or turn the direction of its text.
private func shown(_ text: String) -> String {
  let longest = 200
  var line = ""
  for scalar in text.prefix(longest).unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control,
      .format where scalar != "\u{200D}", .lineSeparator, .paragraphSeparator:
      line += scalar == "\n" ? "⏎" : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    default: line.unicodeScalars.append(scalar)
    }
  }
  return text.dropFirst(longest).isEmpty ? line : line + "…"
}
