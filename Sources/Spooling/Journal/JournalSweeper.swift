/// Removes or renews what the journal does not need any more, and makes segments ready; runs on a thread of its own, for a sync of the whole
/// file system may take seconds.
struct JournalSweeper {
  private let parts: JournalParts

  /// After this long a segment is closed, full or not, so that none holds payloads of last week.
  private static let longestUse = Duration.seconds(3600)

  init(_ parts: JournalParts) {
    self.parts = parts
  }

  /// Returns when the writer and the filer have ended and what they have done with is gone.
  func run() {
    while !parts.isAbandoned {
      let isLast = !parts.isRunning(.filer)
      if isLast { return sweepAll() }
      let now = parts.system.now()
      if parts.chain.takeReadyWish() || parts.chain.nextTry.map({ $0 <= now }) ?? false {
        makeReady()
        continue
      }
      if let due = dueForSweep, due <= now { sweep() }
      if let began = parts.chain.currentBegan, began + Self.longestUse <= now {
        parts.chain.wishForChange()
        parts.queue.bell.ring()
      }
      let next = [dueForSweep, parts.chain.currentBegan.map { $0 + Self.longestUse }, parts.chain.nextTry].compactMap(\.self).min()
      parts.sweeperBell.wait(atMost: next.map { $0 - parts.system.now() })
    }
  }

  /// Later than the first segment may go, so that one sync serves many: under load each writes anew the folders' blocks that have changed since the
  /// one before, which are nearly all.
  private var dueForSweep: ContinuousClock.Instant? {
    parts.chain.oldestSettled.map { $0 + parts.options.settleTime * 2 }
  }

  /// One sync for all settled segments that were closed long enough ago; then they are renewed or removed.
  func sweep() {
    let due = parts.chain.takeSettled(closedBy: parts.system.now() - parts.options.settleTime)
    guard sync(due) else { return }
    for settled in due where !renew(settled) { remove(settled.segment) }
  }

  private func sweepAll() {
    let due = parts.chain.takeSettled(closedBy: nil)
    if !parts.keepsSegments, sync(due) {
      for settled in due { remove(settled.segment) }
    }
    while let ready = parts.chain.takeReady() { remove(ready) }
  }

  /// Whether all files of `due` are durable.
  private func sync(_ due: [SegmentChain.Settled]) -> Bool {
    guard due.contains(where: \.wasUsed) else { return true }
    do throws(SpoolError) {
      try parts.system.syncFileSystem(parts.root)
      // Where the spool's disk was taken away, the files are on another one.
      let spool = parts.spool.path
      guard try FolderTable.identity(at: spool)?.device == parts.root.identity.device else { throw .missing(path: spool) }
      return true
    } catch {
      // The next sync would tell nothing of this error: whatever it may have hit must stay.
      parts.chain.keep(due.map(\.segment))
      parts.onTrouble(.notSynced(error))
      return false
    }
  }

  /// False when the segment is to go.
  private func renew(_ settled: SegmentChain.Settled) -> Bool {
    guard settled.isSound, !parts.chain.hasEnoughReady else { return false }
    do throws(SpoolError) {
      return parts.chain.addReady(try settled.segment.renewed(id: Segment.freshID()))
    } catch {
      parts.onTrouble(.notWritten(error))
      return false
    }
  }

  private func remove(_ segment: Segment) {
    do throws(SpoolError) {
      try segment.remove()
    } catch {
      parts.onTrouble(.notRemoved(error))
    }
  }

  private func makeReady() {
    guard !parts.chain.hasEnoughReady else { return }
    do throws(SpoolError) {
      let made = try parts.folder.make(named: parts.spool.uniqueStem(), isGentle: true)
      if !parts.chain.addReady(made) { remove(made) }
    } catch {
      // Not told: the writer tells those who wait, and the operator.
      parts.chain.noteFailedTry(JournalError(error), now: parts.system.now())
    }
  }
}
