/// What all events of one entry, or of one change in it, share.
struct Scope {
  var account: String?
  var address: String?
  var displayAddress: String?
  /// When the platform sent the entry.
  var time: JSON?
  /// Whether somebody else holds the conversation.
  var isStandby = false
  /// Whether it is about one address, and not about the whole account.
  var needsAddress = false
}
