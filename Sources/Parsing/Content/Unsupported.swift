/// A message that the platform does not hand on.
package struct Unsupported: Record {
  /// What it would have been: `poll_creation`, `gif` and others.
  package internal(set) var type: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Unsupported>] = [
    .text("type", at: \.type)
  ]
}
