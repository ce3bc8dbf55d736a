import Foundation

extension ParsedPayload {
  /// The payload for programs: `{"events":[{"kind":…,"place":…}],"notes":[…],"object":…}`.
  ///
  /// Indented, keys in order, members without a value left out; the same payload always gives the same text.
  package var json: String {
    JSON.record([
      "object": .string(object), "events": .array(events.map(\.json)), "notes": .array(notes.map { .string($0) }),
    ]).text(indented: true)
  }
}

extension Event {
  fileprivate var json: JSON {
    var parts: (message: JSON?, status: JSON?)
    switch content {
    case .message(let message): parts.message = message.json
    case .status(let status): parts.status = status.json
    case .other: break
    }
    return .record([
      "place": .string(place), "kind": .string(kind), "platform": platform.map { .string($0.rawValue) },
      "account": account.map { .string($0) },
      "address": address.map { .string($0) }, "fault": fault.map { .string($0) }, "message": parts.message, "status": parts.status,
    ])
  }
}

extension Message {
  fileprivate var json: JSON {
    .record([
      "id": providerID.map { .string($0) }, "phone": phone.map { .string($0) }, "scoped_id": scopedID.map { .string($0) },
      "group_id": groupID.map { .string($0) }, "profile_name": profileName.map { .string($0) }, "sent_at": sentAt.map { .string($0.text) },
      "type": .string(type), "text": text.map { .string($0) }, "wants_answer": .bool(wantsAnswer),
    ])
  }
}

extension Status {
  fileprivate var json: JSON {
    .record([
      "message_id": messageID.map { .string($0) }, "state": .string(state), "at": at.map { .string($0.text) },
      "callback_data": callbackData.map { .string($0) }, "recipient": recipient.map { .string($0) },
      "recipient_scoped_id": recipientScopedID.map { .string($0) },
      "errors": errors.isEmpty ? nil : .array(errors.map(\.json)),
    ])
  }
}

extension StatusError {
  fileprivate var json: JSON {
    .record(["code": code.map(JSON.int), "title": title.map { .string($0) }, "details": details.map { .string($0) }])
  }
}
