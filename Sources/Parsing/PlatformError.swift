/// An error as the platform reports it in a webhook.
package struct PlatformError: Record {
  package internal(set) var code: Int?
  /// What it is called; the message when it has no title.
  package internal(set) var title: String?
  /// A sentence; nil when it only repeats the title.
  package internal(set) var message: String?
  /// What happened this time, in words.
  package internal(set) var details: String?
  /// A page about it.
  package internal(set) var href: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<PlatformError>] = [
    .int("code", at: \.code),
    .text("title", at: \.title),
    .message,
    .text("details", at: \.details),
    .data,
    .text("href", at: \.href),
  ]

  /// On one line: `131047 Re-engagement message: window closed`.
  package var sentence: String {
    let name = [code.map(String.init), title].compactMap(\.self).joined(separator: " ")
    return [name.isEmpty ? "without code" : name, details ?? message].compactMap(\.self).joined(separator: ": ")
  }
}

extension Field<PlatformError> {
  /// Comes after the title in the table.
  fileprivate static let message = Field(
    keys: ["message"],
    read: { json, error, _ in
      guard let text = json.stringValue else { return json.complaint("a text") }
      if error.title == nil { error.title = text } else if error.title != text { error.message = text }
      return nil
    },
    write: { $0.message.map { .string($0) } }
  )

  /// Where the details stand today: inside an object, or in its place.
  ///
  /// At the top is the older form.
  fileprivate static let data = Field(
    keys: ["error_data"],
    read: { json, error, _ in
      guard let details = json.string(forKey: "details") ?? json.stringValue else { return json.complaint("an object with `details`") }
      error.details = details
      let others = (json.objectValue?.members ?? []).filter { $0.key != "details" && $0.value != .null }
      if !others.isEmpty { error.rest.append(JSON.Member(key: "error_data", value: .object(JSON.Object(members: others)))) }
      return nil
    },
    write: { _ in nil }
  )
}
