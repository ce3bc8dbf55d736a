/// What somebody filled in: a flow, an address.
package struct Form: Record {
  /// `flow` or `address_message`.
  package internal(set) var name: String?
  package internal(set) var body: String?
  /// What was filled in, as JSON in a text; may be anything.
  package internal(set) var responseText: String?
  /// What `responseText` says, when it is JSON.
  package internal(set) var response: JSON?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Form>] = [
    .text("name", at: \.name),
    .text("body", at: \.body),
    .text("response_json", at: \.responseText),
    .raw("response", at: \.response),
  ]

  /// Reads the JSON inside the text; text that is none is noted and stays as it is.
  mutating func readResponse(_ notes: inout Notes) {
    guard let responseText else {
      // Some day the object itself may come: it means the same.
      guard let index = rest.firstIndex(where: { $0.key == "response_json" }) else { return }
      response = rest.remove(at: index).value
      return
    }
    do {
      let (value, repairs) = try JSONReader.read(Array(responseText.utf8))
      response = value
      if value.objectValue == nil { notes.add(value.complaint("an object"), at: "response_json") }
      for line in repairs.lines { notes.add(line, at: "response_json") }
    } catch {
      notes.add("it is not JSON: byte \(error.offset) should be \(error.expected)", at: "response_json")
    }
  }
}
