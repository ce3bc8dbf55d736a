import Foundation

@testable import Parsing

// Built by scripts/fuzz together with all of Sources/Parsing, and by nothing else: the bytes that the fuzzer makes up are read, and whatever
// they are, what comes of them has to keep what is promised. A broken promise ends the program, as a crash does.

/// Called by libFuzzer with one input after another.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  // What is no JSON has to be refused by the payload too; that is looked at below.
  let document = try? JSONReader.read(bytes).value
  if let document { check(document) }
  do throws(ParseError) {
    let payload = try ParsedPayload(bytes: bytes)
    promise((try? ParsedPayload(bytes: bytes)) == payload, "the same bytes give the same events")
    check(payload)
    guard let document else { broken("what gives events is JSON") }
    Elements(of: document).check(payload)
    checkRewritten(bytes, document, payload)
    checkAlone(document, payload)
  } catch {
    check(error, bytes, isJSON: document != nil)
  }
  return 0
}

/// Called by libFuzzer to make a new input of an old one, where it stands.
///
/// Half of them by its own means, which mostly give what is no JSON any more; half by a change of the values in the JSON.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ room: Int, _ seed: CUnsignedInt) -> Int {
  var generator = SeededGenerator(seed: UInt64(seed))
  // What is no JSON has no values to change.
  guard Bool.random(using: &generator), var document = try? JSONReader.read(Array(UnsafeBufferPointer(start: start, count: count))).value
  else { return mutateBytes(start, count, room) }
  for _ in 0..<Int.random(in: 1...3, using: &generator) {
    _ = document.mutate(Int.random(in: 0..<document.size, using: &generator), using: &generator)
  }
  let mutant = Array(document.text().utf8)
  guard mutant.count <= room else { return mutateBytes(start, count, room) }
  start.update(from: mutant, count: mutant.count)
  return mutant.count
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ room: Int) -> Int

private func broken(_ what: String) -> Never { fatalError("Broken: \(what)") }

private func promise(_ isKept: Bool, _ what: @autoclosure () -> String) {
  if !isKept { broken(what()) }
}

/// What is JSON is written as JSON, and reads back as itself; the text is safe for a terminal and a database.
private func check(_ document: JSON) {
  let text = document.text()
  promise((try? JSONReader.read(Array(text.utf8)))?.value == document, "JSON that was read reads back as itself")
  promise(!text.unicodeScalars.contains { $0.properties.generalCategory == .control }, "JSON is written without control characters")
  promise(document.isStorable, "no text and no key has a NUL")
}

private func check(_ error: ParseError, _ bytes: [UInt8], isJSON: Bool) {
  promise(!error.message.isEmpty && !error.advice.isEmpty && error.reason == "payload.malformed", "a refusal says why")
  switch error {
  case .notJSON(let offset, _, let found):
    promise(!isJSON, "JSON is not refused as none")
    promise((0...bytes.count).contains(offset) && (offset == bytes.count) == (found == nil), "a refusal names a byte of the payload")
  case .notAnObject, .noObject:
    promise(isJSON, "what is no JSON is refused as such")
  }
}

/// What every payload promises, whatever was in it.
private func check(_ payload: ParsedPayload) {
  promise(!payload.object.isEmpty && payload.notes.count <= 51, "the payload's notes are bounded")
  for event in payload.events { check(event) }
  let messages = payload.events.compactMap(\.content.anyMessage)
  let made = messages.filter(\.isIDMade).map(\.id)
  promise(Set(made).count == made.count, "no two messages have the same made id")
  let text = payload.json
  guard let back = try? JSONReader.read(Array(text.utf8)) else { broken("the events' JSON is JSON") }
  promise(back.value["events"]?.arrayValue?.count == payload.events.count, "the events' JSON has all events")
  // A value that just fits into a payload stands deeper in its event, and is left out when that is read.
  promise(!back.notes.lines.isEmpty || back.value.text(indented: true) == text, "the events' JSON reads back as itself")
  promise(!payload.json(ofLine: 17).contains("\n"), "the JSON of a line is on one line")
}

private func check(_ event: Event) {
  promise(!event.kind.isEmpty && event.kind.unicodeScalars.count <= 100, "a kind is short: \(event.kind)")
  promise(event.kind.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != " " }, "a kind is one word")
  promise(event.notes.count <= 21, "an event's notes are bounded")
  promise(!event.place.isEmpty && event.fault?.isEmpty != true, "an event has a place, and a fault has words")
  promise(!event.sentence.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }), "a sentence is safe on a terminal")
  promise(!event.sentence.isEmpty, "an event has a sentence")
  if case .standby = event.content {
    promise(event.kind.hasPrefix("standby."), "what is overheard is called so")
  } else {
    promise(!event.kind.hasPrefix("standby."), "what is called overheard is")
  }
  guard let message = event.content.anyMessage else { return }
  promise(!message.id.isEmpty, "a message has an id")
  guard message.wantsAnswer else { return }
  promise(event.kind == "message.\(message.type)" && event.fault == nil, "only a customer's whole message wants an answer")
  promise(!message.isOurs && message.groupID == nil, "neither an echo nor a group's message wants an answer")
  promise(message.phone != nil || message.scopedID != nil, "who wants an answer can be told")
  if let phone = message.phone { promise(phone.allSatisfy { $0.isASCII && $0.isNumber }, "a phone number is its digits: \(phone)") }
  if event.platform != .whatsapp {
    promise(event.account == nil || event.account != message.scopedID, "the account does not answer itself")
  }
}

/// Spaces, escapes and line ends say nothing, and a copy of now has all events of the old one.
private func checkRewritten(_ bytes: [UInt8], _ document: JSON, _ payload: ParsedPayload) {
  let rewritten = try? ParsedPayload(bytes: Array(document.text(indented: true).utf8))
  promise(rewritten?.events == payload.events, "the same JSON gives the same events")
  var count = 0
  let fresh = freshened(bytes, now: Date(timeIntervalSince1970: 1_790_000_000)) { _ in
    count += 1
    return "wamid.\(count)"
  }
  let freshPayload = try? ParsedPayload(bytes: fresh)
  promise(freshPayload?.events.count == payload.events.count, "a copy of now has all events")
}

/// Each entry gives the same events alone as beside the others.
private func checkAlone(_ document: JSON, _ payload: ParsedPayload) {
  guard let entries = document["entry"]?.arrayValue, entries.count > 1, entries.count <= 8 else { return }
  var alone: [Event] = []
  for entry in entries {
    let members = [JSON.Member(key: "object", value: .string(payload.object)), JSON.Member(key: "entry", value: .array([entry]))]
    guard let one = try? ParsedPayload(bytes: Array(JSON.object(JSON.Object(members: members)).text().utf8)) else {
      broken("an entry of a payload is one alone")
    }
    alone += one.events
  }
  promise(alone.count == payload.events.count, "entries give as many events alone as together")
  for (one, event) in zip(alone, payload.events) {
    promise(
      (one.kind, one.fault, one.notes, one.address) == (event.kind, event.fault, event.notes, event.address), "an entry does not see others"
    )
    promise(one.content == event.content || one.content.hasMadeID, "an entry reads the same beside others")
  }
}

/// The elements of the lists that README and comments promise an event each, found without the readers.
private struct Elements {
  /// By the place of each element, how the kind of its event begins.
  private var kinds: [String: String] = [:]

  init(of document: JSON) {
    guard document.string(forKey: "object") == "whatsapp_business_account" else { return }
    for (index, entry) in (document["entry"]?.arrayValue ?? []).enumerated() {
      for (number, change) in (entry["changes"]?.arrayValue ?? []).enumerated() {
        guard let value = change["value"], value.objectValue != nil else { continue }
        let place = "entry[\(index)].changes[\(number)].value."
        let field = change.string(forKey: "field").flatMap { $0.isEmpty ? nil : $0 }
        if field == nil, !["messages", "statuses", "message_echoes", "errors"].contains(where: { value[$0] != nil }) { continue }
        let standby = field == "standby" ? "standby." : ""
        if [nil, "messages", "message_status", "standby"].contains(field) {
          add("messages", of: value, at: place, as: standby + "message.")
        }
        add("statuses", of: value, at: place, as: standby + "status.")
        add("message_echoes", of: value, at: place, as: standby + "echo.")
        add("errors", of: value, at: place, as: standby + "error")
        if field == "standby", let deeper = value["standby"] {
          add("messages", of: deeper, at: place + "standby.", as: "standby.message.")
          add("statuses", of: deeper, at: place + "standby.", as: "standby.status.")
        }
        if field == "history" {
          add("messages", of: value, at: place, as: "history")
          add("history", of: value, at: place, as: "history")
        }
      }
    }
  }

  private mutating func add(_ list: String, of value: JSON, at place: String, as kind: String) {
    for index in (value[list]?.arrayValue ?? []).indices { kinds["\(place)\(list)[\(index)]"] = kind }
  }

  /// Every one of them is exactly one event of its kind.
  func check(_ payload: ParsedPayload) {
    let found = Dictionary(grouping: payload.events, by: \.place)
    for (place, kind) in kinds {
      let events = found[place] ?? []
      promise(events.count == 1, "\(place) is one event, and not \(events.count)")
      promise(events[0].kind.hasPrefix(kind), "\(place) is of kind \(kind), and not \(events[0].kind)")
    }
    let isWhole = payload.object == "whatsapp_business_account"
    promise(
      !isWhole || payload.events.allSatisfy { !$0.kind.hasPrefix("message.") || kinds[$0.place] != nil }, "no message comes out of nowhere")
  }
}

extension Event.Content {
  /// Of a customer or ours, also when it is only overheard.
  fileprivate var anyMessage: Message? {
    switch self {
    case .message(let message), .echo(let message): message
    case .standby(let inner): inner.anyMessage
    case .status, .history, .preference, .notice, .error, .unknown: nil
    }
  }

  fileprivate var hasMadeID: Bool {
    if case .history(let history) = self { return history.threads.contains { $0.messages.contains(where: \.isIDMade) } }
    return anyMessage?.isIDMade ?? false
  }
}

extension JSON {
  /// Whether PostgreSQL would take all its texts.
  fileprivate var isStorable: Bool {
    switch self {
    case .null, .bool: true
    case .number(let number): !number.text.isEmpty
    case .string(let text): !text.utf8.contains(0)
    case .array(let elements): elements.allSatisfy(\.isStorable)
    case .object(let object): object.members.allSatisfy { !$0.key.utf8.contains(0) && $0.value.isStorable }
    }
  }
}
