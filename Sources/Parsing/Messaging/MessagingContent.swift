/// What a message is, and what it is made of.
struct MessagingContent {
  /// `text`, the first attachment's type, or what else it is; `unknown` when it says nothing.
  let type: String
  let content: Message.Content?
  /// Why it cannot be read, as a sentence's end.
  var complaint: String?

  /// Takes what it reads out of `body`; what is left there belongs to the message's rest.
  init(of body: inout MessagingBody, _ notes: inout Notes) {
    let isDeleted = body.takeFlag("is_deleted", &notes)
    let isUnsupported = body.takeFlag("is_unsupported", &notes)
    if isDeleted {
      // The id is that of the message which is gone; the event has none of its own.
      self.init(type: "revoke", content: .revoke(Revoke(messageID: body.id)))
      body.id = nil
    } else if isUnsupported {
      self.init(type: "unsupported", content: .unsupported(Unsupported()))
    } else if let reply = body.quickReply?.objectValue {
      body.quickReply = nil
      var choice = notes.under("quick_reply") { Choice(reply, &$0) }
      choice.kind = "quick_reply"
      choice.title = body.takeText() ?? choice.title
      self.init(type: "quick_reply", content: .choice(choice))
    } else if let attachments = body.takeAttachments() {
      let list = notes.under("attachments") { notes in
        attachments.enumerated().map { index, json in notes.under("[\(index)]") { Attachment(json, &$0) } }
      }
      if list.count == 1, list[0].isNothing {
        self.init(type: "unsupported", content: .unsupported(Unsupported(type: list[0].type, rest: list[0].media.rest)))
      } else {
        self.init(type: list[0].type.map(kindName) ?? "unknown", content: Self.content(of: list, in: &body))
      }
    } else if let text = body.takeText() {
      self.init(type: "text", content: .text(Text(body: text)))
    } else {
      self.init(type: "unknown", content: nil, complaint: body.complaint)
    }
  }

  init(type: String, content: Message.Content?, complaint: String? = nil) {
    self.type = type
    self.content = content
    self.complaint = complaint
  }

  private static func content(of list: [Attachment], in body: inout MessagingBody) -> Message.Content {
    if list.count == 1, let location = list[0].location { return .location(location) }
    var media = list.map(\.media)
    media[0].caption = body.takeText() ?? media[0].caption
    return .media(media)
  }

  /// What words can be written under; beside anything else, such as a link's preview, they are a text of their own.
  fileprivate static let captionedTypes: Set<String> = [
    "audio", "file", "ig_post", "ig_reel", "image", "post", "reel", "share", "sticker", "video",
  ]

  /// What a person sends to be answered; everything else, known or not, is recorded only.
  ///
  /// A mention in a story was said to others.
  /// Source: the platforms' references of attachments.
  static let answeredTypes: Set<String> = [
    "appointment_booking", "audio", "fallback", "file", "ig_post", "ig_reel", "image", "like_heart", "location", "post", "postback",
    "quick_reply", "reel", "share", "sticker", "template", "text", "video",
  ]
}

/// One of a message's attachments: its type, and what lies under `payload`, on one level.
private struct Attachment {
  let type: String?
  let media: Media
  /// Nil when it is something else than a place with coordinates.
  let location: Location?

  /// Whether it stands for something that the platform does not hand on.
  var isNothing: Bool { type == "fallback" && media.url == nil }

  init(_ json: JSON, _ notes: inout Notes) {
    guard let object = json.objectValue else {
      notes.add(json.complaint("an object"))
      media = Media(rest: [JSON.Member(key: "attachments", value: json)])
      (type, location) = (nil, nil)
      return
    }
    var outer = object.members.filter { $0.value != .null }
    let payload = outer.takeObject("payload", &notes)
    let type = outer.take("type")
    self.type = type?.stringValue
    // What stands on both levels counts by the deeper one.
    let inner = Set(payload.map(\.key))
    let doubled = outer.filter { inner.contains($0.key) }
    let flat = outer.filter { !inner.contains($0.key) } + payload
    if type?.stringValue == "location", let coordinates = payload.last(where: { $0.key == "coordinates" })?.value.objectValue {
      var place = Location(JSON.Object(members: flat.filter { $0.key != "coordinates" } + coordinates.members), &notes)
      place.rest += doubled
      location = place
    } else {
      location = nil
    }
    var media = location == nil ? Media(JSON.Object(members: flat), &notes) : Media(rest: flat)
    media.kind = type?.stringValue
    media.rest += doubled
    if let type, type.stringValue == nil {
      notes.add(type.complaint("a text"), at: "type")
      media.rest.append(JSON.Member(key: "type", value: type))
    }
    self.media = media
  }
}

extension [JSON.Member] {
  /// Takes the members of an inner object; one of a wrong type is noted and stays.
  fileprivate mutating func takeObject(_ key: String, _ notes: inout Notes) -> [JSON.Member] {
    guard let value = last(where: { $0.key == key })?.value else { return [] }
    guard let object = value.objectValue else {
      notes.add(value.complaint("an object"), at: key)
      return []
    }
    removeAll { $0.key == key }
    return object.members.filter { $0.value != .null }
  }
}

extension MessagingBody {
  mutating func takeText() -> String? {
    defer { text = nil }
    return text
  }

  /// Nil when they are no list, or none, or only stand beside a text.
  fileprivate mutating func takeAttachments() -> [JSON]? {
    guard let list = attachments?.arrayValue, let first = list.first else { return nil }
    if text != nil, !MessagingContent.captionedTypes.contains(first.string(forKey: "type") ?? "") { return nil }
    attachments = nil
    return list
  }

  /// Why it says nothing: because what it should say it with is of a wrong type.
  fileprivate var complaint: String? {
    if let attachments, attachments.arrayValue == nil { return "its attachments should be a list and are \(attachments.typeName)" }
    return rest.first { $0.key == "text" }.map { "its text should be a text and is \($0.value.typeName)" }
  }

  /// What nobody has taken: to be kept beside what was read.
  var leftOver: [JSON.Member] {
    let members: [(String, JSON?)] = [("text", text.map { .string($0) }), ("attachments", attachments), ("quick_reply", quickReply)]
    return members.compactMap { key, value in value.map { JSON.Member(key: key, value: $0) } } + rest
  }
}
