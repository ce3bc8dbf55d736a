/// A request for a Response that keeps every rule.
struct ResponseRequest: Sendable {
  /// Without those that were null.
  let fields: [String: JSONValue]
  /// The one that was asked for, or the one that the stored prompt is said to name.
  let model: String
  /// Of the last item of the role `user`: its texts, one a line; empty when it has none, or there is no such item.
  let lastUserText: String

  var promptID: String? { fields["prompt"]?.object?["id"]?.string }

  /// How many tokens the answer may have.
  var limit: Int? { fields["max_output_tokens"]?.integer }
}
