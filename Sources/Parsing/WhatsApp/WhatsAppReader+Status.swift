extension WhatsAppReader {
  mutating func addStatus(_ json: JSON, contacts: WhatsAppContacts, at place: Place, in scope: Scope) {
    addElement(json, or: "status.unknown", at: place, in: scope) { object, notes in
      var status = Status(object, &notes)
      if let customer = contacts.named(
        phone: status.participant ?? status.recipient, scopedID: status.participantScopedID ?? status.recipientScopedID)
      {
        status.customer = customer
      }
      if object["timestamp"] == nil { notes.add("no timestamp") }
      let names = scope.isStandby || status.messageID != nil || status.callbackData != nil
      return ("status.\(status.state)", .status(status), names ? nil : "it does not say which message it is about")
    }
  }
}
