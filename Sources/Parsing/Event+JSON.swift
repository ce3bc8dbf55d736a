import Foundation

extension Event {
  /// The event for programs.
  var json: JSON {
    let (name, value) = content.json
    var members = [
      "place": JSON.string(place), "kind": .string(kind), "platform": platform.map { .string($0.rawValue) },
      "account": account.map { .string($0) },
      "address": address.map { .string($0) }, "display_address": displayAddress.map { .string($0) }, "fault": fault.map { .string($0) },
    ].compactMap { key, value in value.map { JSON.Member(key: key, value: $0) } }
    members.append(JSON.Member(key: name, value: value))
    if !notes.isEmpty { members.append(JSON.Member(key: "notes", value: .array(notes.map { .string($0) }))) }
    return .object(JSON.Object(members: members.sorted { $0.key < $1.key }))
  }
}

extension Event.Content {
  /// What it is called, and what it says.
  fileprivate var json: (name: String, value: JSON) {
    switch self {
    case .message(let message): ("message", message.json)
    case .status(let status): ("status", status.json)
    case .echo(let message): ("echo", message.json)
    case .history(let history): ("history", history.json)
    case .preference(let preference): ("preference", preference.json)
    case .notice(let notice): ("notice", notice.json)
    case .error(let error): ("error", error.json)
    case .standby(let inner): ("standby", .sorted([inner.json.name: inner.json.value]))
    case .unknown(let json): ("unknown", json)
    }
  }
}

extension Message {
  fileprivate var json: JSON {
    .sorted([
      "id": .string(id), "id_is_made": isIDMade ? .bool(true) : nil, "customer": customer.json, "is_ours": isOurs ? .bool(true) : nil,
      "group_id": groupID.map { .string($0) }, "timestamp": sentAt.map { .string($0.text) }, "type": .string(type),
      "content": content?.json, "text": text.map { .string($0) }, "context": context?.json, "referral": referral?.json,
      "errors": errors.isEmpty ? nil : .array(errors.map(\.json)), "app_id": appID.map { .string($0) },
      "metadata": metadata.map { .string($0) }, "wants_answer": .bool(wantsAnswer),
      "rest": rest.isEmpty ? nil : .object(JSON.Object(members: rest)),
    ])
  }
}

extension Message.Content {
  fileprivate var json: JSON {
    switch self {
    case .text(let text): text.json
    case .media(let media): .array(media.map(\.json))
    case .location(let location): location.json
    case .contacts(let cards): .array(cards.map(\.json))
    case .choice(let choice): choice.json
    case .form(let form): form.json
    case .callPermission(let permission): permission.json
    case .order(let order): order.json
    case .reaction(let reaction): reaction.json
    case .system(let change): change.json
    case .unsupported(let unsupported): unsupported.json
    case .edit(let edit): edit.json
    case .revoke(let revoke): revoke.json
    case .other(let json): json
    }
  }
}

extension Edit {
  fileprivate var json: JSON {
    .sorted([
      "original_message_id": messageID.map { .string($0) }, "type": .string(type), "content": content?.json, "context": context?.json,
      "rest": rest.isEmpty ? nil : .object(JSON.Object(members: rest)),
    ])
  }
}

extension History {
  fileprivate var json: JSON {
    .sorted([
      "progress": progress?.json, "errors": errors.isEmpty ? nil : .array(errors.map(\.json)),
      "threads": .array(
        threads.map { thread in .sorted(["id": thread.id.map { .string($0) }, "messages": .array(thread.messages.map(\.json))]) }),
      "rest": rest.isEmpty ? nil : .object(JSON.Object(members: rest)),
    ])
  }
}
