internal import Foundation

/// What the receiver has acknowledged and the file system may not have yet: payloads that come at the same time share one sync.
///
/// It has three threads. One writes and syncs; one makes each payload a file in incoming/, in its own time; one syncs the file system now and then
/// and removes what is a file for good. Dropped without `close()`, or with the process, it leaves segments that the next `recoverJournal` reads.
package final class Journal: Sendable {
  let parts: JournalParts

  /// Opens a journal of its own for this process, beside those of others.
  ///
  /// - Parameters:
  ///   - spool: Where the payloads become files.
  ///   - options: The folder and the limits.
  ///   - onTrouble: Called on one of its threads with what an operator should know; it must not block.
  /// - Throws: Why no segment could be made: `.full`, `.notWritable`, `.remoteFileSystem` and so on.
  package convenience init(
    spool: Spool, options: Options, onTrouble: @escaping @Sendable (JournalTrouble) -> Void
  ) throws(SpoolError) {
    try self.init(spool: spool, options: options, system: JournalSystem(), onTrouble: onTrouble)
  }

  init(
    spool: Spool, options: Options, system: JournalSystem, onTrouble: @escaping @Sendable (JournalTrouble) -> Void
  ) throws(SpoolError) {
    parts = try JournalParts(spool: spool, options: options, system: system, onTrouble: onTrouble)
    try Spool.checkOwner(at: parts.folder.path)
    let folder = try spool.folders.made(at: parts.folder.path)
    // Beside the spool, what was found good for the spool is good for the journal.
    if folder.identity.device != parts.root.identity.device { try Spool.checkFileSystem(of: folder) }
    // The entry of the folder itself, which may be new.
    try spool.folders.existing(at: folder.path + "/..").sync()
    _ = parts.chain.addReady(try parts.folder.make(named: spool.uniqueStem()))
    start()
  }

  deinit {
    parts.abandon()
  }

  /// Takes a payload: it survives whatever the disk survives when this returns, and becomes a file soon afterwards.
  ///
  /// - Parameter record: Of a name that nobody has used before.
  /// - Throws: Why it was refused; after `.failed` it may turn up all the same.
  package func append(_ record: JournalRecord) async throws(JournalError) {
    guard record.length <= parts.options.longestRecord else { throw .tooLarge(bytes: record.length) }
    try await parts.queue.append(record).get()
  }

  /// The bytes that are acknowledged and no files yet.
  package var backlog: Int { parts.chain.backlog }

  /// What it has done since it was opened.
  package struct Counts: Hashable, Sendable {
    /// Payloads that were acknowledged.
    package var records = 0
    /// Groups that were written, each with one sync.
    package var syncs = 0
  }

  package var counts: Counts { parts.chain.counts }

  /// What keeps payloads from being taken now, and what to do; nil when nothing does.
  ///
  /// A sentence for anybody: it names no path. Takes a few system calls, on the disks of the spool and of the journal.
  package func obstacle() -> String? {
    switch refusal() {
    case nil: nil
    case .full(let path):
      "free space or inodes of the \(path == parts.root.path ? "spool" : "journal")'s disk are under their floor (journal.full): free some, "
        + "df -h and df -i tell; then it goes on by itself"
    case .backlog:
      "the payloads that wait to be made files have reached journal.max_bytes (journal.backlog): look whether the spool's disk is full or "
        + "slow; then it goes on by itself"
    case .closed: "the process ends (journal.closed): ask again when it has started again"
    case .failed(let error):
      "the disk of the spool or of the journal cannot be looked at, or not be written (\(error.reason)): \(error.advice)"
    case .tooLarge: nil
    }
  }

  /// Why a payload would be refused now.
  func refusal() -> JournalError? {
    if parts.isClosing { return .closed }
    if let refusal = RoomGauge(parts).check() ?? parts.chain.failure { return refusal }
    return parts.chain.isFull(limit: parts.options.maxBytes) ? .backlog(bytes: backlog) : nil
  }

  /// Ends it in order: takes nothing more, waits until all is a file and synced, removes its segments.
  ///
  /// Where files cannot be made or synced now, their segments stay for the next start.
  ///
  /// - Parameter keepsSegments: Whether all that hold payloads stay, because something else that is made of them is missing.
  package func close(keepsSegments: Bool = false) async {
    parts.close(keepsSegments: keepsSegments)
    await parts.waitForEnd()
  }

  /// Stops where it is, as a crash would.
  func abandon() async {
    parts.abandon()
    await parts.waitForEnd()
  }

  private func start() {
    start(.writer) { parts in
      var writer = JournalWriter(parts)
      writer.run()
    }
    start(.filer) { parts in
      var filer = JournalFiler(parts)
      filer.run()
    }
    start(.sweeper) { parts in JournalSweeper(parts).run() }
  }

  private func start(_ worker: JournalParts.Worker, _ run: @escaping @Sendable (JournalParts) -> Void) {
    let thread = Thread { [parts] in
      // Its own name for ps and perf: the one of the process is inherited.
      Thread.current.name = "journal-\(worker)"
      run(parts)
      parts.end(worker)
    }
    thread.start()
  }
}

extension Spool {
  /// Where segments lie.
  func journalPath(_ folder: String?) -> String { folder ?? path + "/journal" }
}
