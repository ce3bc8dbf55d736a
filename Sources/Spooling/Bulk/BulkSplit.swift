import CLinux
package import Foundation
import Glibc

/// Takes one bulk file apart, a thousand lines a step, each of which becomes a payload in incoming/.
///
/// The lines are written as drafts, synced together, covered by the offset file, and only then placed, by one rename each. So what lies in incoming/
/// or has gone on from there has no draft any more, whoever was killed when: nothing is made twice, nothing is left out.
package struct BulkSplit: Sendable {
  package enum Step: Hashable, Sendable {
    /// So many more were placed, under these names.
    case placed([String])
    /// Of those that were placed last, too many lie in incoming/ still.
    case waits
    /// Nothing is left of it.
    case finished(FiledPayload, lines: Int, payloads: Int)
    /// Somebody writes to it, or has: it is in incoming/ again, and will be claimed when it is whole.
    case givenBack
    /// It is not in the owner's folder any more.
    case gone
    /// The caller would not go on; the next step, here or elsewhere, goes on from the last.
    case stopped
  }

  /// What one step may do.
  struct Limits: Sendable {
    /// So many payloads.
    var payloads = 1000
    /// Within so many bytes, though always one line.
    var bytes = 32 * 1024 * 1024
    /// Under so much free space nothing is made: what there is belongs to those who are answered now.
    var leastFreeBytes = 256 * 1024 * 1024
    var leastFreeInodes = 10_000
  }

  private struct Opened: Sendable {
    let file: Descriptor
    /// As it was when it was opened; whatever changes after that makes it another file.
    let status: FileStatus
    let work: BulkWork
    /// Opened before anything is written, so that its syncs tell of all that went wrong.
    let root: OpenFolder
    var progress: BulkProgress
    /// Whether drafts may lie there that are payloads.
    var hasUnplaced = true
    /// Whether drafts may lie there that are not believed.
    var hasUncovered = true
  }

  private let bulk: BulkFile
  private let owner: Owner
  private let spool: Spool
  private let limits: Limits
  private var opened: Opened?
  /// Gone from incoming/ when so many of the last ones have been claimed that more may come.
  private var awaited: RawName?

  /// `owner` has claimed the file, and works at no other meanwhile.
  package init(_ bulk: BulkFile, of owner: Owner, in spool: Spool) {
    self.init(bulk, of: owner, in: spool, limits: Limits())
  }

  init(_ bulk: BulkFile, of owner: Owner, in spool: Spool, limits: Limits) {
    (self.bulk, self.owner, self.spool, self.limits) = (bulk, owner, spool, limits)
  }

  private var name: RawName { RawName(bulk.id) }

  /// Whether a step would find that it has to wait: one system call, for who asks often.
  package func waits() throws(SpoolError) -> Bool {
    guard let awaited else { return false }
    return try spool.folders.open(.incoming).status(of: awaited) != nil
  }

  /// Does the next thousand lines, or what is to be done at the beginning and the end; blocks, perhaps for seconds while the disk syncs.
  ///
  /// - Parameters:
  ///   - now: By our clock (UTC): the day under which it is filed.
  ///   - isStopping: Asked now and then: when it is true, the step ends as soon as it can.
  /// - Returns: What came of it; after `finished`, `givenBack` and `gone` there is no other.
  /// - Throws: What the file system said, such as `.full`; the same step can be tried again.
  package mutating func step(now: Date, isStopping: () -> Bool = { false }) throws(SpoolError) -> Step {
    if opened == nil, let end = try begin(isStopping) { return end }
    guard let status = try owner.folder.status(of: name) else { return .gone }
    guard var current = opened else { return .gone }
    guard status.holdsTheSame(as: current.status) else { return try giveBack() }
    if current.hasUnplaced {
      let placed = try place(current)
      current.hasUnplaced = false
      opened = current
      if !placed.isEmpty { return took(placed) }
    }
    if current.progress.line < current.progress.lines, try waits() { return .waits }
    opened?.hasUncovered = true
    guard let next = try draft(current, isStopping) else { return .stopped }
    guard next != current.progress else { return try finish(current, now: now) }
    if next.payloads > current.progress.payloads { try sync(current) }
    try commit(next, current)
    (current.progress, current.hasUncovered, current.hasUnplaced) = (next, false, true)
    opened = current
    let placed = try place(current)
    opened?.hasUnplaced = false
    return took(placed)
  }

  // MARK: The beginning

  /// Opens the file and its work, and counts its lines when that was never done.
  ///
  /// - Returns: Nil when all is ready.
  private mutating func begin(_ isStopping: () -> Bool) throws(SpoolError) -> Step? {
    let opening = owner.folder.open(name, O_RDONLY | O_NONBLOCK)
    guard let file = opening.file else {
      if opening.code == ENOENT { return .gone }
      throw SpoolError(opening.code, of: "open", at: owner.folder.full(name))
    }
    guard Completeness(of: file) != .beingWritten else { return try giveBack() }
    let root = try spool.folders.existing(at: spool.path)
    guard var status = try owner.folder.status(of: name) else { return .gone }
    var work = try BulkWork(BulkWork.name(for: status), in: spool)
    if work == nil {
      // Its time of modification tells from now on when it was received: renames leave that alone, and each line takes it over.
      touch(owner.folder, name, FileStatus.Time(bulk.receivedAt))
      guard let touched = try owner.folder.status(of: name) else { return .gone }
      status = touched
      work = try BulkWork.made(BulkWork.name(for: status), in: spool)
    }
    guard let work, try work.take() else { return .waits }
    var progress = try work.progress()
    if progress == nil {
      guard let counted = try count(file, isStopping) else { return .stopped }
      try work.commit(counted)
      progress = counted
    }
    guard let progress else { return .stopped }
    // Where a sync had failed, or its process was killed before it.
    try work.folder.sync()
    opened = Opened(file: file, status: status, work: work, root: root, progress: progress)
    return nil
  }

  private func count(_ file: Descriptor, _ isStopping: () -> Bool) throws(SpoolError) -> BulkProgress? {
    let beginning = LineReader.beginning(of: file)
    return try withoutActuallyEscaping(isStopping) { isStopping throws(SpoolError) in
      var reader = LineReader(file, path: owner.folder.full(name), from: beginning, mayGoOn: { !isStopping() })
      var lines = 0
      while let line = try reader.next({ _ in }) { lines = line.number }
      return reader.isInterrupted ? nil : BulkProgress(name: bulk.id.description, lines: lines, offset: beginning)
    }
  }

  // MARK: A batch

  /// Writes the drafts of the next lines; nothing of it counts before the offset file says so.
  ///
  /// - Returns: The progress when they are payloads, or nil when interrupted.
  private func draft(_ current: Opened, _ isStopping: () -> Bool) throws(SpoolError) -> BulkProgress? {
    guard try spool.room().has(bytes: limits.leastFreeBytes, inodes: limits.leastFreeInodes) else { throw .full(path: spool.path) }
    if current.hasUncovered { try current.work.removeDrafts(after: current.progress.line) }
    let (work, progress, file, modified) = (current.work, current.progress, current.file, current.status.modified)
    do throws(SpoolError) {
      let next = try withoutActuallyEscaping(isStopping) { isStopping throws(SpoolError) in
        var reader = LineReader(
          file, path: owner.folder.full(name), from: progress.offset, number: progress.line, mayGoOn: { !isStopping() })
        var next = progress
        while next.payloads - progress.payloads < limits.payloads, next.offset - progress.offset < limits.bytes {
          var draft = Draft(of: next.line + 1, in: work.folder)
          guard let line = try reader.next({ bytes throws(SpoolError) in try draft.write(bytes) }) else { break }
          if !line.isBlank {
            draft.close()
            touch(work.folder, draft.name, modified)
            next.payloads += 1
          }
          (next.line, next.offset) = (line.number, line.end)
        }
        return reader.isInterrupted ? nil : next
      }
      if next == nil { try work.removeDrafts(after: progress.line) }
      return next
    } catch {
      // Best effort, and at once, since the disk may be full: what stays is removed before the next try.
      try? work.removeDrafts(after: progress.line)
      throw error
    }
  }

  /// One line on its way to a file of its own.
  private struct Draft {
    let name: RawName
    private let folder: OpenFolder
    private var file: Descriptor?

    init(of line: Int, in folder: OpenFolder) {
      (name, self.folder) = (BulkWork.draft(of: line), folder)
    }

    mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) throws(SpoolError) {
      if file == nil {
        let opened = folder.open(name, O_WRONLY | O_CREAT | O_EXCL)
        guard opened.file != nil else { throw SpoolError(opened.code, of: "open", at: folder.full(name)) }
        file = opened.file
      }
      if let file { try Spool.write(bytes, to: file, named: name, in: folder) }
    }

    mutating func close() { file = nil }
  }

  /// Makes all drafts durable: their own syncs would be a thousand.
  private func sync(_ current: Opened) throws(SpoolError) {
    let synced = current.root.change(.sync(current.root.path)) { clinux_sync_file_system(current.root.number) }
    guard synced.code == 0 else { throw SpoolError(synced.code, of: "syncfs", at: current.root.path) }
  }

  /// Whether the offset file covers the drafts is known when it could be written, and when not, only by reading it again.
  private mutating func commit(_ progress: BulkProgress, _ current: Opened) throws(SpoolError) {
    do throws(SpoolError) {
      try current.work.commit(progress)
    } catch {
      opened = nil
      throw error
    }
  }

  /// Moves every draft that the offset file covers into incoming/, in the order of its lines: one rename each.
  private func place(_ current: Opened) throws(SpoolError) -> [RawName] {
    let incoming = try spool.folders.open(.incoming)
    var placed: [RawName] = []
    for line in try current.work.drafts() where line <= current.progress.line {
      let name = BulkLine.name(of: line, in: current.progress.stem, width: current.progress.width)
      let moved = try current.work.folder.moveNumbered(BulkWork.draft(of: line), to: incoming, as: name)
      if let moved { placed.append(moved) }
    }
    return placed
  }

  private mutating func took(_ placed: [RawName]) -> Step {
    // The one in the middle, since they are claimed in this order: the next ones are made while the last are taken.
    if !placed.isEmpty { awaited = placed[placed.count / 2] }
    return .placed(placed.map(\.display))
  }

  // MARK: The end

  /// Files it: what became of its lines is in incoming/ or beyond, and durable.
  private mutating func finish(_ current: Opened, now: Date) throws(SpoolError) -> Step {
    // Once more, for a writer may have come after the first time.
    guard Completeness(of: current.file) != .beingWritten else { return try giveBack() }
    try sync(current)
    guard let place = try spool.settle(bulk.id, as: .done, on: Day(now), lookingFirstIn: owner) else { return .gone }
    opened = nil
    // Best effort: a sweep finds that its file is done.
    try? current.work.remove()
    return .finished(place, lines: current.progress.line, payloads: current.progress.payloads)
  }

  private mutating func giveBack() throws(SpoolError) -> Step {
    opened = nil
    _ = try spool.putBack(name, from: owner.folder, to: spool.folders.open(.incoming))
    return .givenBack
  }

  private func touch(_ folder: OpenFolder, _ file: RawName, _ time: FileStatus.Time) {
    // Its answer does not matter: the file of another user keeps its own time, which its lines take over then.
    _ = folder.change(.touch(folder.full(file))) { clinux_set_modified(folder.number, file.cString, time.seconds, time.nanoseconds) }
  }
}
