/// A payload in failed/, and why it is there.
package struct FailedPayload: Sendable, Hashable {
  package let payload: FiledPayload
  /// Nil when the reason file is missing or cannot be read.
  package let reason: ReasonFile?

  package init(payload: FiledPayload, reason: ReasonFile?) {
    (self.payload, self.reason) = (payload, reason)
  }
}
