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
    try file(id, as: verdict, on: day) { target, name throws(SpoolError) in
      try takeOpen(id, to: target, as: name, owner: owner)
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
      let time = FileStatus.Time(until)
      // Its answer does not matter: the time is a copy for people, and the file of another user keeps its own.
      _ = owner.folder.change(.touch(owner.folder.full(name))) {
        clinux_set_modified(owner.folder.number, name.cString, time.seconds, time.nanoseconds)
      }
    }
    switch try owner.folder.move(name, to: folders.open(.deferred), as: name) {
    case .moved, .missing, .taken: return
    case .stuck: throw .failed(call: "renameat2", code: EPERM, path: owner.folder.full(name))
    }
  }

  /// Moves one file, such as what has another verdict now, from the very place where it lies: one rename.
  ///
  /// What lies in done/ and is done stays; what fails again on the day of its folder stays and gets the new reason, by one rename over the old.
  /// Where a failed one moves, its old reason file is removed afterwards; a crash between leaves that to `sweep`.
  ///
  /// - Parameters:
  ///   - place: Where it lies, and not in incoming/.
  ///   - verdict: done or failed.
  ///   - day: The UTC day of the verdict, which names the dated folder.
  /// - Returns: Where it lies now; nil when it was not there any more.
  /// - Throws: What the file system said; the payload is where it was.
  package func settle(_ place: FiledPayload, as verdict: Verdict, on day: Day) throws(SpoolError) -> FiledPayload? {
    let source = try folders.open(place.folder)
    switch (place.folder, verdict) {
    case (.done, .done): return place
    case (.failed(day), .failed(let reason)): return try rewrite(reason, beside: place, in: source) ? place : nil
    default: break
    }
    let filed = try file(place.id, as: verdict, on: day) { target, name throws(SpoolError) in
      try source.move(RawName(place.id), to: target, as: RawName(name))
    }
    if filed != nil, case .failed = place.folder { try source.remove(place.id.reasonName) }
    return filed
  }

  typealias Taking = (_ target: OpenFolder, _ name: PayloadID) throws(SpoolError) -> OpenFolder.Move

  /// Files what `take` moves from wherever it lies.
  func file(_ id: PayloadID, as verdict: Verdict, on day: Day, _ take: Taking) throws(SpoolError) -> FiledPayload? {
    switch verdict {
    case .done: try finish(id, in: .done(day), take)
    case .failed(let reason): try fail(id, for: reason, in: .failed(day), take)
    }
  }

  private func finish(_ id: PayloadID, in folder: Folder, _ take: Taking) throws(SpoolError) -> FiledPayload? {
    let target = try folders.open(folder)
    for n in 1...OpenFolder.mostNamesakes {
      let candidate = id.numbered(n)
      switch try take(target, candidate) {
      case .moved: return filed(candidate, in: folder)
      case .missing: return nil
      case .taken: continue
      case .stuck: throw .failed(call: "renameat2", code: EPERM, path: id.description)
      }
    }
    throw .failed(call: "renameat2", code: EEXIST, path: target.full(RawName(id)))
  }

  private func fail(_ id: PayloadID, for reason: ReasonFile, in folder: Folder, _ take: Taking) throws(SpoolError) -> FiledPayload? {
    let target = try folders.open(folder)
    var (note, placed) = (temporaryName(), PayloadID?.none)
    var noteFolder = try writeTemporary(try reason.bytes(), named: note, isDurable: false)
    // Best effort, on the ways out where the payload did not move: what stays behind is swept. Another process may have moved the same payload
    // beside this reason: then it stays.
    defer { if placed.map({ (try? target.status(of: RawName($0))) == .some(nil) }) ?? true { try? noteFolder.remove(note) } }

    for n in 1...OpenFolder.mostNamesakes {
      let candidate = id.numbered(n)
      // Before the reason is placed: it must not lie beside somebody else's payload, not even if we are killed now.
      guard try target.status(of: RawName(candidate)) == nil else { continue }
      if try isLeftover(candidate, in: target, of: reason.correlationID) {
        try noteFolder.replace(note, in: target, as: candidate.reasonName)
      } else {
        switch try noteFolder.move(note, to: target, as: candidate.reasonName) {
        case .moved: break
        case .taken: continue
        case .missing, .stuck: throw .missing(path: noteFolder.full(note))
        }
      }
      (noteFolder, note, placed) = (target, candidate.reasonName, candidate)
      switch try take(target, candidate) {
      case .moved: return filed(candidate, in: folder)
      case .missing: return nil
      case .taken: continue
      case .stuck: throw .failed(call: "renameat2", code: EPERM, path: id.description)
      }
    }
    throw .failed(call: "renameat2", code: EEXIST, path: target.full(RawName(id)))
  }

  /// Whether the reason file of a payload that is gone may be replaced: it is of the same payload, which a plain `mv` or a crash took from
  /// beside it, or nobody can be about to follow it any more.
  private func isLeftover(_ id: PayloadID, in folder: OpenFolder, of correlationID: String) throws(SpoolError) -> Bool {
    guard let status = try folder.status(of: id.reasonName), status.isRegular else { return false }
    return status.modifiedDate < Date().addingTimeInterval(-Self.reasonPatience)
      || reason(of: id, in: folder)?.correlationID == correlationID
  }

  /// False when the payload is gone.
  private func rewrite(_ reason: ReasonFile, beside place: FiledPayload, in folder: OpenFolder) throws(SpoolError) -> Bool {
    guard try folder.status(of: RawName(place.id)) != nil else { return false }
    let note = temporaryName()
    let tmp = try writeTemporary(try reason.bytes(), named: note, isDurable: false)
    do throws(SpoolError) {
      try tmp.replace(note, in: folder, as: place.id.reasonName)
    } catch {
      // Best effort: the first error is the one to tell, and a later sweep removes the rest.
      try? tmp.remove(note)
      throw error
    }
    return true
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
  /// The name of the reason file beside it: `X.reason.json`, or of a bulk file `X.ndjson.reason.json`.
  package var reasonFileName: String { (isBulk ? Substring(description) : stem) + ".reason.json" }

  var reasonName: RawName { RawName(reasonFileName) }
}
