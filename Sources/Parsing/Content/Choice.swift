/// What somebody chose of what we had offered: a button, a row of a list.
package struct Choice: Record {
  /// `button` of a template, `button_reply`, `list_reply`, `quick_reply`, `postback`.
  package internal(set) var kind: String?
  /// Ours, as we gave it; nil of a postback in standby.
  package internal(set) var id: String?
  /// What the customer saw.
  package internal(set) var title: String?
  package internal(set) var description: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Choice>] = [
    .text("kind", at: \.kind),
    .text("id", "payload", at: \.id),
    .text("title", "text", at: \.title),
    .text("description", at: \.description),
  ]
}
