// What an element becomes, by what it is about.

extension MessagingReader {
  mutating func read(element json: JSON, as field: MessagingField, at place: Place, in outer: Scope) {
    var scope = outer
    scope.isStandby = field == .standby
    guard let object = json.objectValue else {
      return add("message.unknown", .unknown(json), at: place, in: scope, fault: json.complaint("an object"))
    }
    var notes = Notes(limit: 20)
    var element = MessagingElement(object, &notes)
    guard let (key, kind) = Self.kinds.first(where: { object[$0.key] != nil }), let body = element.rest.take(key) else {
      return add("unknown.\(element.unknownName.map(kindName) ?? "none")", .unknown(json), at: place, in: scope, notes: notes)
    }
    let isEcho = field == .echo || ["is_echo", "is_self"].contains { body[$0].map { $0.boolValue ?? true } ?? false }
    let parties = MessagingParties(of: element, isEcho: isEcho, in: &scope, &notes)
    element.rest += parties.rest
    guard let fields = body.objectValue else {
      let fault = "`\(key)` should be an object and is \(body.typeName)"
      return add(kind.name(for: key), .unknown(json), at: place, in: scope, fault: fault, notes: notes)
    }
    let part = MessagingPart(
      json: json, key: key, body: fields, element: element, parties: parties, place: place, isStandby: scope.isStandby)
    switch kind {
    case .read: addStatuses(of: part, "read", at: place, in: scope, notes)
    case .delivery: addStatuses(of: part, "delivered", at: place, in: scope, notes)
    case .optIn: add("preference", .preference(part.preference(&notes)), at: place, in: scope, notes: notes)
    case .notice: add("notice.\(key)", .notice(part.notice(&notes)), at: place, in: scope, notes: notes)
    case .message, .postback, .reaction, .edit, .referral:
      let (message, fault) = part.message(kind, &notes)
      let name = "\(message.isOurs ? "echo" : "message").\(message.type)"
      add(name, message.isOurs ? .echo(message) : .message(message), at: place, in: scope, fault: fault, notes: notes)
    }
  }

  /// One event a message that is named; else one for all up to a time.
  private mutating func addStatuses(of part: MessagingPart, _ state: String, at place: Place, in scope: Scope, _ outer: Notes) {
    var notes = outer
    var status = part.status(state, &notes)
    if let mids = status.rest.last(where: { $0.key == "mids" })?.value.arrayValue, !mids.isEmpty {
      status.rest.removeAll { $0.key == "mids" }
      for (index, mid) in mids.enumerated() {
        status.messageID = mid.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        let fault = status.messageID == nil ? mid.complaint("a message's id") : nil
        add("status.\(state)", .status(status), at: Place("\(place).\(part.key).mids", index), in: scope, fault: fault, notes: notes)
      }
      return
    }
    let names = scope.isStandby || status.messageID != nil || status.watermark != nil && status.recipientScopedID != nil
    let fault = names ? nil : "it does not say which message it is about"
    add("status.\(state)", .status(status), at: place, in: scope, fault: fault, notes: notes)
  }
}
