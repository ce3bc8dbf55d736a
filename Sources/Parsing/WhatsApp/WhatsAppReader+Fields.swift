// What a change of each field holds.

extension WhatsAppReader {
  mutating func readMessages(of value: inout JSON.Object, at place: String, in outer: Scope) {
    var scope = outer
    scope.needsAddress = true
    let contacts = contacts(of: value, for: value["messages"]?.arrayValue ?? [], at: place)
    forEach("messages", of: &value, at: place, in: scope) { reader, message, place in
      reader.addElement(message, or: "message.unknown", at: place, in: scope) { object, notes in
        let (message, fault) = Self.message(object, from: .customer(index: place.index), contacts: contacts, at: place, in: scope, &notes)
        return ("message.\(message.type)", .message(message), fault)
      }
    }
    readCommon(of: &value, beside: contacts, at: place, in: outer)
  }

  /// Another agent holds the conversation: everything lies one level deeper.
  mutating func readStandby(of value: inout JSON.Object, at place: String, in outer: Scope) {
    var scope = outer
    scope.isStandby = true
    readMessages(of: &value, at: place, in: scope)
    if var deeper = value.takeObject("standby") {
      readMessages(of: &deeper, at: "\(place)standby.", in: scope)
    } else if let other = value["standby"] {
      addFault(other, "an object", at: Place("\(place)standby"), in: scope)
    }
  }

  /// Old messages: in chunks, and plain ones that carry the media of those in the chunks.
  mutating func readHistory(of value: inout JSON.Object, at place: String, in outer: Scope) {
    var scope = outer
    scope.needsAddress = true
    let contacts = contacts(of: value, at: place)
    forEach("history", of: &value, at: place, in: scope) { reader, chunk, place in
      reader.addElement(chunk, or: "history", at: place, in: scope) { object, notes in
        let (history, fault) = Self.history(object, contacts: contacts, at: place, in: scope, &notes)
        return ("history", .history(history), fault)
      }
    }
    forEach("messages", of: &value, at: place, in: scope) { reader, message, place in
      reader.addElement(message, or: "history", at: place, in: scope) { object, notes in
        let (message, fault) = Self.message(object, from: .history(thread: nil), contacts: contacts, at: place, in: scope, &notes)
        let thread = History.Thread(id: nil, messages: [message])
        return ("history", .history(History(progress: nil, threads: [thread], errors: [], rest: [])), fault)
      }
    }
    readCommon(of: &value, beside: contacts, at: place, in: outer)
  }

  mutating func readPreferences(of value: inout JSON.Object, at place: String, in outer: Scope) {
    var scope = outer
    scope.needsAddress = true
    let contacts = contacts(of: value, at: place)
    forEach("user_preferences", of: &value, at: place, in: scope) { reader, preference, place in
      reader.addElement(preference, or: "preference", at: place, in: scope) { object, notes in
        var preference = Preference(object, &notes)
        preference.phone = preference.phone?.withoutPlus
        preference.customer = contacts.named(phone: preference.phone, scopedID: preference.scopedID)
        return ("preference", .preference(preference), nil)
      }
    }
    readCommon(of: &value, beside: contacts, at: place, in: outer)
  }

  mutating func readNotice(_ name: String, of value: inout JSON.Object, at place: Place, in scope: Scope) {
    if let own = Self.own(value) {
      addElement(.object(own), or: "notice", at: place, in: scope) { object, notes in
        var notice = Notice(object, &notes)
        notice.field = name
        if let time = scope.time {
          switch Timestamp(time) {
          case .date(let date): notice.at = date
          case .missing: break
          case .absurd(let found): notes.add("\(found) is no time", at: "time")
          }
        }
        return ("notice.\(name)", .notice(notice), nil)
      }
    }
    readCommon(of: &value, at: "\(place).value.", in: scope)
  }

  mutating func readUnknown(_ name: String, of value: inout JSON.Object, at place: Place, in scope: Scope) {
    if let own = Self.own(value) { add("unknown.\(kindName(name))", .unknown(.object(own)), at: place, in: scope) }
    readCommon(of: &value, at: "\(place).value.", in: scope)
  }

  /// What a change holds beside what is read of it everywhere; nil when it holds only statuses, for those say it all.
  private static func own(_ value: JSON.Object) -> JSON.Object? {
    let members = value.members.filter { !["messaging_product", "metadata", "statuses", "message_echoes", "errors"].contains($0.key) }
    if value["statuses"] != nil, value["message_echoes"] == nil, value["errors"] == nil, members.allSatisfy({ $0.key == "contacts" }) {
      return nil
    }
    return JSON.Object(members: members)
  }
}
