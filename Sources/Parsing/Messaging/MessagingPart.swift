/// The one thing that an element is about, with all that stands around it.
struct MessagingPart {
  /// The element as it was.
  let json: JSON
  let key: String
  let body: JSON.Object
  /// Without the body.
  let element: MessagingElement
  let parties: MessagingParties
  let place: Place
  let isStandby: Bool

  /// Something that was sent, and why it cannot be read, as a sentence's end.
  func message(_ kind: MessagingKind, _ notes: inout Notes) -> (Message, fault: String?) {
    var inner = MessagingBody()
    let said = notes.under(key) { content(of: kind, in: &inner, &$0) }
    let hasOwnID = (kind == .message || kind == .postback) && said.type != "revoke"
    if hasOwnID, inner.id == nil { notes.add("no id, so one is made of what it says and where it stands") }
    if element.timestamp == nil { notes.add("no timestamp, so the time of its receipt counts") }
    let nobody = "it does not say who \(parties.isOurs ? "received" : "sent") it"
    let complaint = said.complaint ?? (parties.customer.scopedID == nil ? nobody : nil)
    let isForUs = !parties.isOurs && !isStandby
    // What is only overheard is worth a note; nobody has to look after it.
    if !isForUs, let complaint { notes.add(complaint) }
    let fault = isForUs ? complaint : nil
    let message = Message(
      id: inner.id ?? madeID(of: json, at: place.description),
      type: said.type,
      customer: parties.customer,
      sentAt: element.timestamp,
      isIDMade: inner.id == nil,
      isOurs: parties.isOurs,
      wantsAnswer: isForUs && fault == nil && MessagingContent.answeredTypes.contains(said.type),
      content: said.content,
      context: inner.context,
      referral: inner.referral,
      errors: [],
      groupID: nil,
      appID: inner.appID,
      metadata: inner.metadata,
      rest: inner.leftOver + element.rest
    )
    return (message, fault)
  }

  /// What became of a message of ours; who is meant and when stand around it.
  func status(_ state: String, _ notes: inout Notes) -> Status {
    var status = notes.under(key) { Status(body, &$0) }
    status.state = state
    status.at = element.timestamp
    status.recipientScopedID = parties.customer.scopedID
    status.customer = parties.customer.beyondID
    status.rest += element.rest
    if element.timestamp == nil { notes.add("no timestamp") }
    return status
  }

  func preference(_ notes: inout Notes) -> Preference {
    var preference = notes.under(key) { Preference(body, &$0) }
    preference.scopedID = parties.customer.scopedID
    preference.customer = parties.customer.beyondID
    preference.value = preference.value ?? key
    preference.at = element.timestamp
    preference.rest += element.rest
    return preference
  }

  func notice(_ notes: inout Notes) -> Notice {
    var notice = notes.under(key) { Notice(body, &$0) }
    notice.field = key
    notice.at = element.timestamp
    notice.customer = parties.customer == Customer() ? nil : parties.customer
    notice.rest += element.rest
    return notice
  }
}

extension MessagingPart {
  /// What it says; `inner` gets what belongs to the message around it.
  private func content(of kind: MessagingKind, in inner: inout MessagingBody, _ notes: inout Notes) -> MessagingContent {
    switch kind {
    case .message:
      inner = MessagingBody(body, &notes)
      _ = inner.takeFlag("is_echo", &notes)
      return MessagingContent(of: &inner, &notes)
    case .postback:
      inner = MessagingBody(body, &notes)
      var choice = Choice(JSON.Object(members: inner.rest), &notes)
      choice.kind = key
      inner.rest = []
      return MessagingContent(type: "postback", content: .choice(choice))
    case .reaction:
      return MessagingContent(type: "reaction", content: .reaction(Reaction(body, &notes)))
    case .edit:
      var new = MessagingBody(body, &notes)
      let edit = Edit(
        messageID: new.id,
        type: new.text == nil ? "unknown" : "text",
        content: new.takeText().map { .text(Text(body: $0)) },
        context: new.context,
        rest: new.leftOver
      )
      return MessagingContent(type: "edit", content: .edit(edit))
    case .referral, .read, .delivery, .optIn, .notice:
      inner.referral = Referral(body, &notes)
      return MessagingContent(type: "referral", content: nil)
    }
  }
}
