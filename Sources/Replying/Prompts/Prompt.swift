/// Where a model's instructions for a turn come from.
package enum Prompt: Sendable, Hashable {
  /// One of ours: the version that the turn is pinned to, before its variables are filled in.
  case text(String)
  /// One that the provider keeps (`pmpt_…`): passed on as it is.
  case stored(id: String)
  /// The agent names one that is neither.
  case unknown(id: String)
}
