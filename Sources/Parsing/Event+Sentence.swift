import Foundation

extension Event {
  /// The event on one line, in words, safe for a terminal.
  package var sentence: String {
    var line = content.sentence(kind: kind)
    if let fault { line += ", unreadable: \(shown(fault))" }
    if !notes.isEmpty { line += " (\(shown(notes.joined(separator: "; "), upTo: 400)))" }
    return line
  }
}

extension Event.Content {
  fileprivate func sentence(kind: String) -> String {
    switch self {
    case .message(let message): message.sentence
    case .status(let status): status.sentence
    case .echo(let message): "echo: the business sent \(message.sentence)"
    case .history(let history): history.sentence
    case .preference(let preference): preference.sentence
    case .notice(let notice): notice.sentence
    case .error(let error): "the platform reports error \(shown(error.sentence))"
    case .standby(let inner): "standby, another agent holds the conversation: \(inner.sentence(kind: kind))"
    case .unknown(let json): "\(shown(kind)), not read: \(shown(json.text()))"
    }
  }
}

extension Message {
  fileprivate var sentence: String {
    var line = "\(shown(type)) message \(isIDMade ? "without an id" : shown(id))"
    line += "\(isOurs ? " to" : " from") \(customer.sentence)"
    if let groupID { line += " in group \(shown(groupID))" }
    line += sentAt.map { " at \($0.text)" } ?? " without a time"
    if let words = content?.sentence { line += ": \(words)" }
    if let context { line += context.sentence }
    if let referral { line += ", \(referral.sentence)" }
    if let appID { line += ", by app \(shown(appID))" }
    if let metadata { line += ", marked \(shown(metadata))" }
    for error in errors { line += "; error \(shown(error.sentence))" }
    return line
  }
}

extension Customer {
  fileprivate var sentence: String {
    let known = (phone ?? scopedID).map { shown($0) } ?? "nobody"
    return name.map { "\(known) (\(shown($0)))" } ?? known
  }
}

extension Context {
  fileprivate var sentence: String {
    var line = messageID.map { ", in answer to \(shown($0))" } ?? ""
    if let story { line += ", in answer to story \(shown(story.id ?? story.url ?? "without an id"))" }
    if isFrequentlyForwarded == true { line += ", forwarded many times" } else if isForwarded == true { line += ", forwarded" }
    if let id = product?.productID { line += ", about product \(shown(id))" }
    return line
  }
}

extension Referral {
  fileprivate var sentence: String {
    let source = [sourceType, sourceID].compactMap(\.self).joined(separator: " ")
    return "brought by \(source.isEmpty ? "a referral" : shown(source))" + ((headline ?? ref).map { " “\(shown($0))”" } ?? "")
  }
}

extension Status {
  fileprivate var sentence: String {
    var line = "status \(shown(state)) of "
    line += messageID.map { shown($0) } ?? watermark.map { "all up to \($0.text)" } ?? "a message without an id"
    if let recipient = recipient ?? recipientScopedID { line += " to \(recipientType == "group" ? "group " : "")\(shown(recipient))" }
    if let participant = participant ?? participantScopedID { line += ", for \(shown(participant))" }
    line += at.map { " at \($0.text)" } ?? " without a time"
    if let data = callbackData { line += ", callback data \(shown(data))" }
    if let pricing, let isBillable = pricing.isBillable {
      line += ", \(isBillable ? "charged" : "free")" + (pricing.category.map { " as \(shown($0))" } ?? "")
    }
    for error in errors { line += "; error \(shown(error.sentence))" }
    return line
  }
}

extension History {
  fileprivate var sentence: String {
    var line = "history: \(counted(threads.reduce(0) { $0 + $1.messages.count }, "old message")) in \(counted(threads.count, "thread"))"
    if let percent = progress?.percent { line += ", \(percent) % handed over" }
    for error in errors { line += "; error \(shown(error.sentence))" }
    return line
  }
}

extension Preference {
  fileprivate var sentence: String {
    var line = "preference: \((phone ?? scopedID).map { shown($0) } ?? "nobody") says \(shown(value ?? "nothing"))"
    if let category { line += " to \(shown(category))" }
    if let at { line += " at \(at.text)" }
    if let detail { line += ": \(shown(detail))" }
    return line
  }
}

extension Date {
  /// RFC 3339 in UTC, with milliseconds only where there are some.
  var text: String {
    let milliseconds = (timeIntervalSince1970 * 1000).rounded()
    let hasFraction = milliseconds.truncatingRemainder(dividingBy: 1000) != 0
    // Formatting cuts, and a tenth of a second is no exact number: half a millisecond more makes it round.
    let rounded = hasFraction ? addingTimeInterval(0.0005) : Date(timeIntervalSince1970: milliseconds / 1000)
    return rounded.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: hasFraction).timeZone(separator: .omitted))
  }
}

/// At most so many characters, without anything that could move a terminal's cursor or turn the direction of its text.
func shown(_ text: String, upTo longest: Int = 200) -> String {
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

/// `1 card`, `2 cards`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
