extension Spool {
  /// Parks a file that nobody has taken yet: from incoming/ to hold/.
  ///
  /// - Returns: Its name in hold/ (`~2` beside a namesake there); nil when it was not there any more.
  package func hold(_ place: FiledPayload) throws(SpoolError) -> PayloadID? {
    let from = try folders.open(place.folder)
    return try from.moveNumbered(RawName(place.id), to: folders.open(.hold), as: RawName(place.id))?.payloadID
  }

  /// Parks a file that is known and waits: from deferred/, or from the caller's own folder, to hold/.
  ///
  /// Quiet when it lies in neither; beside a namesake, which only an operator can have put there, it stays where it is.
  ///
  /// - Returns: Whether it was moved.
  package func park(_ id: PayloadID, from owner: Owner? = nil) throws(SpoolError) -> Bool {
    let hold = try folders.open(.hold)
    if let owner, try owner.folder.move(RawName(id), to: hold, as: RawName(id)) == .moved { return true }
    return try folders.open(.deferred).move(RawName(id), to: hold, as: RawName(id)) == .moved
  }

  /// Lets a file that is known go on to wait in deferred/.
  ///
  /// - Returns: Whether it was moved.
  package func unpark(_ id: PayloadID) throws(SpoolError) -> Bool {
    try folders.open(.hold).move(RawName(id), to: folders.open(.deferred), as: RawName(id)) == .moved
  }
}
