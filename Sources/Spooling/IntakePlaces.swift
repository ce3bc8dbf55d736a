/// The folders that an intake moves between, opened once for the batch.
struct IntakePlaces: Sendable {
  let incoming: OpenFolder
  let active: OpenFolder
  let deferred: OpenFolder
  let hold: OpenFolder
  /// The other owners; none can claim anything while this intake is open.
  let others: [String]

  /// Whether a payload of that name is open in another folder.
  ///
  /// In the order in which files move on, so that one on its way is seen in one place or the next.
  func hasOpen(_ id: PayloadID) throws(SpoolError) -> Bool {
    for other in others where try active.status(of: RawName("\(other)/\(id)")) != nil { return true }
    for folder in [deferred, hold] where try folder.status(of: RawName(id)) != nil { return true }
    return false
  }
}
