import Foundation

extension Message.Content {
  /// What it says, in words; nil when the type says it all.
  var sentence: String? {
    switch self {
    case .text(let text): text.body.map { "“\(shown($0))”" }
    case .media(let media): media.map(\.sentence).joined(separator: ", ")
    case .location(let location): location.sentence
    case .contacts(let cards): "\(counted(cards.count, "card")): " + cards.prefix(5).map(\.sentence).joined(separator: ", ")
    case .choice(let choice): choice.sentence
    case .form(let form): form.sentence
    case .callPermission(let permission): "to be called: \(shown(permission.response ?? "no answer"))"
    case .order(let order): order.sentence
    case .reaction(let reaction):
      "\(reaction.isRemoval ? "a reaction taken away" : shown(reaction.emoji ?? reaction.name ?? "a reaction")) on \(reaction.messageID.map { shown($0) } ?? "a message without an id")"
    case .system(let change): change.sentence
    case .unsupported(let unsupported): "not handed on by the platform" + (unsupported.type.map { ": \(shown($0))" } ?? "")
    case .edit(let edit):
      "\(edit.messageID.map { shown($0) } ?? "a message without an id") becomes \(shown(edit.type)) \(edit.content?.sentence ?? "")"
    case .revoke(let revoke): "\(revoke.messageID.map { shown($0) } ?? "a message without an id") is taken back"
    case .other(let json): shown(json.text())
    }
  }
}

extension Media {
  fileprivate var sentence: String {
    var line = shown(isVoice == true ? "voice note" : kind ?? "file")
    if let id = id ?? url { line += " \(shown(id))" }
    if let mimeType { line += " (\(shown(mimeType)))" }
    if let filename { line += " named \(shown(filename))" }
    if let caption { line += " “\(shown(caption))”" }
    return line
  }
}

extension Location {
  fileprivate var sentence: String {
    let point = "\(latitude?.text ?? "?"), \(longitude?.text ?? "?")"
    return ([name, address].compactMap(\.self).map { shown($0) } + [shown(point)]).joined(separator: ", ")
  }
}

extension ContactCard {
  fileprivate var sentence: String {
    let called = shown(name?.formatted ?? name?.first ?? "somebody without a name")
    return phones.first?.value.map { "\(called) \(shown($0))" } ?? called
  }
}

extension Choice {
  fileprivate var sentence: String {
    (title.map { "“\(shown($0))”" } ?? "something without a title") + (id.map { " (\(shown($0)))" } ?? "")
  }
}

extension Form {
  fileprivate var sentence: String {
    let name = shown(name ?? "form")
    return (response?.text() ?? responseText).map { "\(name) \(shown($0))" } ?? "\(name) without an answer"
  }
}

extension Order {
  fileprivate var sentence: String {
    let lines = items.prefix(5).map { item in
      shown("\(item.quantity?.text ?? "?") × \(item.productID ?? "?") at \(item.price?.text ?? "?") \(item.currency ?? "")")
    }
    return "\(counted(items.count, "product")): \(lines.joined(separator: ", "))" + (text.map { " “\(shown($0))”" } ?? "")
  }
}

extension SystemChange {
  fileprivate var sentence: String {
    var line = shown(type ?? "a change")
    if let now = phone ?? scopedID { line += ", now \(shown(now))" }
    if let body { line += ": “\(shown(body))”" }
    return line
  }
}
