/// Words, as they were written.
package struct Text: Record {
  package internal(set) var body: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Text>] = [.text("body", at: \.body)]
}
