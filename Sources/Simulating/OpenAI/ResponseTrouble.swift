/// An answer of status 200 that a careless reader gets wrong.
enum ResponseTrouble: String, CaseIterable, Sendable {
  /// Completed: the only part of the message is a refusal.
  case refusal
  /// The Response's own status is `failed`, and its error says why.
  case failed
  /// Cut by `max_output_tokens`, with half of the text.
  case incomplete
  /// Cut by `max_output_tokens` before there was any text.
  case incompleteEmpty = "incomplete_empty"
  /// Cut by the content filter, with half of the text.
  case contentFilter = "content_filter"
  /// Completed, and no message at all.
  case empty
  /// A message that talks to itself, then the answer; only `phase` tells which is which.
  case commentary
  /// Items, parts and fields of kinds that nobody knows; fields that are missing or null.
  case unknownItems = "unknown_items"
  /// Two messages.
  case severalMessages = "several_messages"
  /// Completed: no message but a call of the tool `handoff_to_human`, with the text as its `message`.
  case handOff = "hand_off"

  /// Whether any text comes with it.
  var hasText: Bool { self != .failed && self != .incompleteEmpty && self != .empty }
}
