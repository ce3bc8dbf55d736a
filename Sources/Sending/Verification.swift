/// Whether a channel's access token may see the channel's address.
///
/// Only who may see it has shown that it is theirs.
package enum Verification: Hashable, Sendable {
  case verified
  /// The platform says no, or we could not even ask with this address and token.
  case refused(SendRefusal)
  /// Nobody said anything that can be relied on.
  case unheard(detail: String)
}
