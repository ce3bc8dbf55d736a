import Foundation

/// The names that are looked at next, in order: retries, then those of a scan or of hints.
struct WorkList {
  /// What is known about the scan that the list came from.
  struct Scan: Sendable {
    /// Everything that was in incoming/ at this moment is on the list.
    let began: Date
    /// When the oldest bulk file came that was not done at this moment.
    let heldAt: Date?
    /// Save when names were left out.
    let isTruncated: Bool
    let census: OwnerCensus
  }

  // Each is kept backwards: the next one is last.
  private var retries: [RawName] = []
  private var names: [RawName] = []
  private var dropped: [RawName] = []

  /// Until the list is used up and the scan has been concluded.
  private(set) var scan: Scan?

  var isEmpty: Bool { retries.isEmpty && names.isEmpty }

  /// - Parameters:
  ///   - names: In name order.
  ///   - dropped: Those among names not ours that shall not starve, oldest first.
  ///   - scan: Nil for hints.
  mutating func fill(_ names: [RawName], dropped: [RawName] = [], scan: Scan? = nil) {
    (self.names, self.dropped, self.scan) = (names.reversed(), dropped.reversed(), scan)
  }

  mutating func setRetries(_ names: [RawName]) {
    retries = names.reversed()
  }

  /// The next name to look at.
  ///
  /// - Parameter prefersDropped: One claim in eight takes the oldest of the dropped files, however its name sorts.
  /// - Returns: Nil when the list is used up.
  mutating func next(prefersDropped: Bool) -> RawName? {
    if prefersDropped, !names.isEmpty, let name = dropped.popLast() { return name }
    return retries.popLast() ?? names.popLast()
  }

  /// Puts a name back, to be the next.
  mutating func setAside(_ name: RawName) {
    names.append(name)
  }

  mutating func takeScan() -> Scan? {
    defer { scan = nil }
    return scan
  }
}
