/// Makes events: one element of a list becomes one event, also when it is not what it should be.
protocol EventReader {
  /// Nil for a product that is not known.
  var platform: Platform? { get }
  var events: [Event] { get set }
  /// What is strange outside all events.
  var notes: Notes { get set }
}

extension EventReader {
  mutating func add(
    _ kind: String,
    _ content: Event.Content,
    at place: Place,
    in scope: Scope,
    fault: String? = nil,
    notes: Notes = Notes(limit: 0)
  ) {
    let source = Event.Source(
      platform: platform, account: scope.account, address: scope.address, displayAddress: scope.displayAddress, list: place.list)
    let last = events.last?.parts.value.source
    let parts = Event.Parts(
      source: last?.value == source ? last ?? Box(source) : Box(source),
      index: place.index.map { Int32(clamping: $0) },
      kind: scope.isStandby ? "standby.\(kind)" : kind,
      content: scope.isStandby ? .standby(content) : content,
      fault: fault,
      notes: notes.lines
    )
    events.append(Event(parts: Box(parts)))
  }

  /// For what is not even an element: a wrong type where an object or a list should be.
  mutating func addFault(_ json: JSON, _ wanted: String, at place: Place, in scope: Scope) {
    add("error", .unknown(json), at: place, in: scope, fault: json.complaint(wanted))
  }

  /// One element of a list, which is to be an object; what is none is counted as `kind`, with a fault.
  ///
  /// `read` is told the object and where to put its notes.
  mutating func addElement(
    _ json: JSON,
    or kind: String,
    at place: Place,
    in scope: Scope,
    read: (JSON.Object, inout Notes) -> (kind: String, content: Event.Content, fault: String?)
  ) {
    guard let object = json.objectValue else {
      return add(kind, .unknown(json), at: place, in: scope, fault: json.complaint("an object"))
    }
    var notes = Notes(limit: 20)
    let event = read(object, &notes)
    if scope.needsAddress, scope.address == nil { notes.add("no `phone_number_id`, so it does not say which number it is about") }
    add(event.kind, event.content, at: place, in: scope, fault: event.fault, notes: notes)
  }

  /// Hands over the elements of a list with their places; a missing one has none, one of a wrong type becomes an event that says so.
  ///
  /// Each is gone from the payload's JSON then: so that all JSON and all events of a large payload are never there at once.
  mutating func forEach(
    _ key: String,
    of object: inout JSON.Object,
    at place: String,
    in scope: Scope,
    read: (inout Self, inout JSON, Place) -> Void
  ) {
    guard var elements = object.takeList(key) else {
      if let value = object[key] { addFault(value, "a list", at: Place(place + key), in: scope) }
      return
    }
    // At most doubles what is there: many short lists do not copy it again and again.
    if elements.count > events.count { events.reserveCapacity(events.count + elements.count) }
    let list = place + key
    for index in elements.indices {
      var element = JSON.null
      swap(&element, &elements[index])
      read(&self, &element, Place(list, index))
    }
  }

  /// A text that is not empty; a wrong type is noted.
  mutating func string(_ key: String, of object: JSON.Object, at place: @autoclosure () -> String) -> String? {
    guard let value = object[key] else { return nil }
    guard let text = value.stringValue else {
      notes.add(value.complaint("a text"), at: "\(place()).\(key)")
      return nil
    }
    return text.isEmpty ? nil : text
  }

  /// A member that says something of the events beside it; one of a wrong type is noted, and they are read without it.
  mutating func companion<Value>(_ key: String, of object: JSON.Object, at place: String, _ wanted: String, _ take: (JSON) -> Value?)
    -> Value?
  {
    guard let value = object[key] else { return nil }
    let taken = take(value)
    if taken == nil { notes.add(value.complaint(wanted), at: place + key) }
    return taken
  }
}
