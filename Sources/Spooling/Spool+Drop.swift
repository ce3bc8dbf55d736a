package import Foundation
import Glibc

extension Spool {
  /// Puts a payload into incoming/, whole and durable when it returns: the file is synced, renamed, and the folder synced.
  ///
  /// - Parameters:
  ///   - bytes: The exact content.
  ///   - name: The name it shall have; nil, or one that no payload may keep, gives a fresh one.
  ///   - receivedAt: When it came (UTC), for the fresh name.
  /// - Returns: Its name in incoming/ (`~2` beside a namesake there).
  /// - Throws: `.full` and whatever else the file system says; then nothing has come into incoming/, unless the folder's sync failed.
  package func dropCopy(of bytes: [UInt8], named name: String?, receivedAt: Date) throws(SpoolError) -> PayloadID {
    var generator = SystemRandomNumberGenerator()
    let id = name.flatMap { PayloadID($0) } ?? PayloadID.fresh(receivedAt: receivedAt, using: &generator)
    let placed = try putIntoIncoming(bytes, as: id, from: temporaryName(), isDurable: true)
    try folders.open(.incoming).sync()
    return placed.payloadID ?? id
  }

  /// Puts a filed payload back into incoming/, to run again; the reason file beside a failed one goes after the move.
  ///
  /// - Parameter place: Where it lies: from `locate` or `failures`.
  /// - Returns: Its name in incoming/ (`~2` beside a namesake there).
  /// - Throws: `.missing` when it does not lie there any more.
  package func requeue(_ place: FiledPayload) throws(SpoolError) -> PayloadID {
    let (from, incoming) = (try folders.open(place.folder), try folders.open(.incoming))
    guard let placed = try from.moveNumbered(RawName(place.id), to: incoming, as: RawName(place.id))?.payloadID else {
      throw .missing(path: place.path)
    }
    if case .failed = place.folder { try from.remove(place.id.reasonName) }
    return placed
  }
}
