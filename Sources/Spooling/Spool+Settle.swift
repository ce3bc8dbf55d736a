import CLinux
package import Foundation
import Glibc

extension Spool {
  /// Files a payload for good, wherever in the spool it is open.
  ///
  /// It is looked for in the owner's folder, deferred/, hold/ and the other owners' folders, a few times over, since another process may be
  /// moving it. A failed one gets its reason file first; beside a namesake of that day both become `~2`, `~3` … A crash leaves the payload
  /// where it was, at most with a reason file too many, which `sweep` removes.
  ///
  /// - Parameters:
  ///   - id: Its name while it is open.
  ///   - verdict: done or failed.
  ///   - day: The UTC day of the verdict, which names the dated folder.
  ///   - owner: The caller's own folder, where it most likely is.
  /// - Returns: Where it lies now; nil when it is open nowhere.
  /// - Throws: What the file system said; the payload is where it was.
  package func settle(
    _ id: PayloadID,
    as verdict: Verdict,
    on day: Day,
    lookingFirstIn owner: Owner?
  ) throws(SpoolError) -> FiledPayload? {
    switch verdict {
    case .done: try finish(id, in: .done(day), owner: owner)
    case .failed(let reason): try fail(id, for: reason, in: .failed(day), owner: owner)
    }
  }

  /// Parks a payload in deferred/ until its turn comes.
  ///
  /// Quiet when it is no longer in the owner's folder. Beside a namesake in deferred/, which only an operator can have put there, it stays where
  /// it is: names of open payloads never change.
  ///
  /// - Parameters:
  ///   - id: Its name.
  ///   - until: When it is due, which becomes the file's mtime, for `ls`; nil leaves the mtime alone.
  ///   - owner: The caller's own folder.
  /// - Throws: What the file system said; the payload is where it was.
  package func postpone(_ id: PayloadID, until: Date?, from owner: Owner) throws(SpoolError) {
    let name = RawName(id)
    if let until {
      let seconds = until.timeIntervalSince1970.rounded(.down)
      let nanoseconds = Int((until.timeIntervalSince1970 - seconds) * 1e9)
      // Its answer does not matter: the time is a copy for people, and the file of another user keeps its own.
      _ = clinux_set_modified(owner.folder.number, name.cString, Int(seconds), nanoseconds)
    }
    switch try owner.folder.move(name, to: folders.open(.deferred), as: name) {
    case .moved, .missing, .taken: return
    case .stuck: throw .failed(call: "renameat2", code: EPERM, path: owner.folder.full(name))
    }
  }

  private func finish(_ id: PayloadID, in folder: Folder, owner: Owner?) throws(SpoolError) -> FiledPayload? {
    let target = try folders.open(folder)
    for n in 1...OpenFolder.mostNamesakes {
      let candidate = id.numbered(n)
      switch try takeOpen(id, to: target, as: candidate, owner: owner) {
      case .moved: return filed(candidate, in: folder)
      case .missing: return nil
      case .taken: continue
      case .stuck: throw .failed(call: "renameat2", code: EPERM, path: id.description)
      }
    }
    throw .failed(call: "renameat2", code: EEXIST, path: target.full(RawName(id)))
  }

  private func fail(_ id: PayloadID, for reason: ReasonFile, in folder: Folder, owner: Owner?) throws(SpoolError) -> FiledPayload? {
    let target = try folders.open(folder)
    var note = temporaryName()
    var noteFolder = try writeTemporary(try reason.bytes(), named: note, isDurable: false)
    // Best effort, on the ways out where the payload did not move: what stays behind is swept.
    var isFiled = false
    defer { if !isFiled { try? noteFolder.remove(note) } }

    for n in 1...OpenFolder.mostNamesakes {
      let candidate = id.numbered(n)
      // Before the reason is placed: it must not lie beside somebody else's payload, not even if we are killed now.
      guard try target.status(of: RawName(candidate)) == nil else { continue }
      // A reason whose payload is gone was left behind by a plain `mv` of that payload: only ours can have had this name.
      if n == 1 { try target.remove(candidate.reasonName) }
      switch try noteFolder.move(note, to: target, as: candidate.reasonName) {
      case .moved: break
      case .taken: continue
      case .missing, .stuck: throw .missing(path: noteFolder.full(note))
      }
      (noteFolder, note) = (target, candidate.reasonName)
      switch try takeOpen(id, to: target, as: candidate, owner: owner) {
      case .moved:
        isFiled = true
        return filed(candidate, in: folder)
      case .missing: return nil
      case .taken: continue
      case .stuck: throw .failed(call: "renameat2", code: EPERM, path: id.description)
      }
    }
    throw .failed(call: "renameat2", code: EEXIST, path: target.full(RawName(id)))
  }

  /// Moves an open payload from wherever it lies.
  ///
  /// A move between two of our looks is caught by looking again.
  private func takeOpen(_ id: PayloadID, to target: OpenFolder, as newID: PayloadID, owner: Owner?) throws(SpoolError) -> OpenFolder.Move {
    let (name, newName) = (RawName(id), RawName(newID))
    for _ in 0..<4 {
      if let owner {
        let move = try owner.folder.move(name, to: target, as: newName)
        if move != .missing { return move }
      }
      for place in [Folder.deferred, .hold] {
        let move = try folders.open(place).move(name, to: target, as: newName)
        if move != .missing { return move }
      }
      let active = try folders.open("active")
      for other in try ownerNames() where other != owner?.name {
        let move = try active.move(RawName("\(other)/\(id)"), to: target, as: newName)
        if move != .missing { return move }
      }
      sched_yield()
    }
    return .missing
  }

  func filed(_ id: PayloadID, in folder: Folder) -> FiledPayload {
    FiledPayload(folder: folder, id: id, path: folders.path(of: "\(folder)/\(id)"))
  }
}

extension PayloadID {
  /// The name of the reason file beside the payload.
  var reasonName: RawName { RawName(stem + ".reason.json") }
}
