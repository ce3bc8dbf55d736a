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

  /// Puts a bulk file into incoming/ as `dropCopy(of:named:receivedAt:)` does, in bounded memory.
  ///
  /// - Parameters:
  ///   - path: Where it is; it stays there.
  ///   - receivedAt: When it came (UTC), for a fresh name, where its own cannot be kept.
  /// - Returns: Its name in incoming/ (`~2` beside a namesake there).
  /// - Throws: What the file system said; `.missing` when there is no file at `path`.
  package func dropCopy(ofBulkFile path: String, receivedAt: Date) throws(SpoolError) -> PayloadID {
    let opened = SystemCall.run { open(path, O_RDONLY | O_CLOEXEC) }
    guard opened.code == 0 else { throw SpoolError(opened.code, of: "open", at: path) }
    let source = Descriptor(opened.value)
    var generator = SystemRandomNumberGenerator()
    let named = path.split(separator: "/").last.flatMap { PayloadID(String($0)) }
    let id = named ?? PayloadID.fresh(receivedAt: receivedAt, isBulk: true, using: &generator)
    let (tmp, incoming, draft) = (try folders.open("tmp"), try folders.open(.incoming), temporaryName())
    let opening = tmp.open(draft, O_WRONLY | O_CREAT | O_EXCL)
    guard let target = opening.file else { throw SpoolError(opening.code, of: "open", at: tmp.full(draft)) }
    do throws(SpoolError) {
      try copy(source, at: path, to: target, named: draft, in: tmp)
      guard let placed = try tmp.moveNumbered(draft, to: incoming, as: RawName(id)) else { throw .missing(path: tmp.full(draft)) }
      try incoming.sync()
      return placed.payloadID ?? id
    } catch {
      // Best effort: the first error is the one to tell, and a later sweep removes the rest.
      try? tmp.remove(draft)
      throw error
    }
  }

  private func copy(
    _ source: Descriptor, at path: String, to target: Descriptor, named draft: RawName, in tmp: OpenFolder
  ) throws(SpoolError) {
    var offset = 0
    while true {
      switch FileContent.read(source, size: 1 << 20, from: offset) {
      case .failure(.unreadable(let code)): throw SpoolError(code, of: "pread", at: path)
      case .failure: throw .missing(path: path)
      case .success(let bytes):
        if bytes.isEmpty {
          let synced = tmp.change(.sync(tmp.full(draft))) { fsync(target.number) }
          guard synced.code == 0 else { throw SpoolError(synced.code, of: "fsync", at: tmp.full(draft)) }
          return
        }
        try bytes.withUnsafeBufferPointer { bytes throws(SpoolError) in try Spool.write(bytes, to: target, named: draft, in: tmp) }
        offset += bytes.count
      }
    }
  }

  /// Puts a payload back into incoming/, to run again or at last; the reason file beside a failed one goes after the move.
  ///
  /// - Parameter place: Where it lies, in done/, failed/ or hold/: from `locate` or `failures`.
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
