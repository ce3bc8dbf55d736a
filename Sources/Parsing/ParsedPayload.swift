/// Everything that one payload holds.
package struct ParsedPayload: Sendable, Hashable {
  /// The product that sent it: `whatsapp_business_account`, `instagram`, `page`, or what else comes.
  package let object: String
  /// In the order of the payload.
  package let events: [Event]
  /// What was repaired or strange, each with its place; at most 51.
  package let notes: [String]

  package init(object: String, events: [Event], notes: [String]) {
    self.object = object
    self.events = events
    self.notes = notes
  }

  /// Reads one webhook body; of Instagram and Messenger also one that is wrapped in a list.
  ///
  /// One bad element never harms its siblings: it becomes an event with a `fault`.
  ///
  /// - Parameter bytes: The raw body.
  /// - Throws: `ParseError` only when the bytes are not JSON (RFC 8259) or have no `object`.
  package init(bytes: [UInt8]) throws(ParseError) {
    var (document, repairs): (JSON, Notes)
    do {
      (document, repairs) = try JSONReader.read(bytes)
    } catch {
      throw .notJSON(offset: error.offset, expected: error.expected, found: error.found)
    }
    // Instagram's own samples put the payload into a list.
    if let elements = document.arrayValue, elements.count == 1, ["instagram", "page"].contains(elements[0].string(forKey: "object")) {
      document = elements[0]
      repairs.add("it is wrapped in a list")
    }
    guard var root = document.takeObject() else { throw .notAnObject(found: document.typeName) }
    guard case .string(let object)? = root["object"], !object.isEmpty else { throw .noObject }
    self.object = object
    switch object {
    case "whatsapp_business_account":
      var reader = WhatsAppReader(notes: repairs)
      reader.read(&root)
      (events, notes) = (reader.events, reader.notes.lines)
    case "instagram":
      var reader = InstagramReader(notes: repairs)
      reader.read(&root)
      (events, notes) = (reader.events, reader.notes.lines)
    case "page":
      var reader = MessengerReader(notes: repairs)
      reader.read(&root)
      (events, notes) = (reader.events, reader.notes.lines)
    default:
      var reader = UnknownReader(object: object, notes: repairs)
      reader.read(&root)
      (events, notes) = (reader.events, reader.notes.lines)
    }
  }
}
