import Foundation

extension Notice {
  /// What happened to what, and why, as far as the notice says.
  var sentence: String {
    var parts = [event ?? decision, templateName ?? templateID, templateLanguage, displayNumber].compactMap(\.self)
    if let reason, reason != "NONE" { parts.append("because of \(reason)") }
    if let type = violation?.type { parts.append("for \(type)") }
    for restriction in restrictions {
      parts.append((restriction.type ?? "a restriction") + (restriction.endsAt.map { " until \($0.text)" } ?? ""))
    }
    if let ban { parts.append([ban.state, ban.date].compactMap(\.self).joined(separator: " ")) }
    if let alert { parts.append([alert.severity, alert.type, alert.description].compactMap(\.self).joined(separator: " ")) }
    if let newQuality { parts.append("\(previousQuality ?? "?") → \(newQuality)") }
    if let category = newCategory ?? correctCategory { parts.append("\(previousCategory ?? "?") → \(category)") }
    if let limit = dailyLimit ?? currentLimit { parts.append("limit \(limit)") }
    if let requestedName { parts.append("name “\(requestedName)”") }
    if let rejectionReason, rejectionReason != "NONE" { parts.append("because of \(rejectionReason)") }
    if let requester { parts.append("asked for by \(requester)") }
    if previousOwner != nil || newOwner != nil { parts.append("app \(previousOwner ?? "?") → \(newOwner ?? "?")") }
    if let requestedOwner { parts.append("to app \(requestedOwner)") }
    // What has no table says at least what it is about.
    if parts.isEmpty { parts = rest.map(\.key).filter { $0 != "contacts" }.prefix(5).map(\.self) }
    let said = parts.filter { !$0.isEmpty }.map { shown($0) }.joined(separator: ", ")
    let whose = customer?.scopedID.map { " about \(shown($0))" } ?? ""
    return "notice: \(shown(field ?? ""))\(whose)" + (said.isEmpty ? "" : ": \(said)")
  }
}
