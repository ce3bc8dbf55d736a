extension Spool {
  /// Takes a failed payload back among the open ones, in deferred/, for it has been run again where it lay, or the platform has spoken late.
  ///
  /// One rename; then its reason file is removed, and a crash between leaves that to `sweep`. To be followed by `settle`.
  ///
  /// - Parameter place: Where it was filed, below the spool: `failed/2026-11-22/X.json`.
  /// - Returns: Its name in deferred/, `~2` and so on beside a namesake; nil when it does not lie in failed/ under that name any more.
  /// - Throws: What the file system says.
  package func unfile(_ place: String) throws(SpoolError) -> PayloadID? {
    let pieces = place.split(separator: "/", omittingEmptySubsequences: false)
    guard pieces.count == 3, pieces[0] == "failed", let day = Day(String(pieces[1])), let id = PayloadID(String(pieces[2])) else {
      return nil
    }
    let (source, deferred) = (try folders.open(.failed(day)), try folders.open(.deferred))
    guard let name = try source.moveNumbered(RawName(id), to: deferred, as: RawName(id)) else { return nil }
    try source.remove(id.reasonName)
    return name.payloadID
  }
}
