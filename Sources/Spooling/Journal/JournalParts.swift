import NIOConcurrencyHelpers

/// What the threads of one journal share.
final class JournalParts: Sendable {
  /// In the order of their ending.
  enum Worker: CaseIterable, Hashable, Sendable {
    case writer
    case filer
    case sweeper
  }

  let spool: Spool
  let options: Journal.Options
  let system: JournalSystem
  let folder: SegmentFolder
  /// Open since before the first file was made, so that each sync tells of all errors since the one before.
  let root: OpenFolder
  let onTrouble: @Sendable (JournalTrouble) -> Void

  let queue = AppendQueue()
  let chain = SegmentChain()
  let filerBell = Doorbell()
  let sweeperBell = Doorbell()
  /// Rung when the filer should not wait any longer before it tries again.
  let hurryBell = Doorbell()

  private struct State {
    var isClosing = false
    var isAbandoned = false
    var keepsSegments = false
    var running = Set(Worker.allCases)
    var hasEnded = false
    var waitingForEnd: [CheckedContinuation<Void, Never>] = []
  }
  private let state = NIOLockedValueBox(State())

  init(
    spool: Spool, options: Journal.Options, system: JournalSystem, onTrouble: @escaping @Sendable (JournalTrouble) -> Void
  ) throws(SpoolError) {
    (self.spool, self.options, self.system, self.onTrouble) = (spool, options, system, onTrouble)
    folder = SegmentFolder(
      path: spool.journalPath(options.folder), segmentLength: options.segmentLength, system: system, folders: spool.folders,
      leastFree: (options.leastFreeBytes, options.leastFreeInodes))
    root = try OpenFolder(at: spool.path)
  }

  /// Whether what waits is to be brought to its end, and nothing more comes.
  var isClosing: Bool { state.withLockedValue { $0.isClosing } }
  /// Whether the threads are to stop where they are, as in a crash.
  var isAbandoned: Bool { state.withLockedValue { $0.isAbandoned } }
  /// Whether what is a file for good is left to the next start all the same.
  var keepsSegments: Bool { state.withLockedValue { $0.keepsSegments } }

  func isRunning(_ worker: Worker) -> Bool { state.withLockedValue { $0.running.contains(worker) } }

  func close(keepsSegments: Bool = false) {
    // First: the threads end once the queue is closed, and the last of them looks whether anything is to stay.
    state.withLockedValue { $0.keepsSegments = keepsSegments }
    queue.close()
    state.withLockedValue { $0.isClosing = true }
    ringAll()
  }

  func abandon() {
    // First: who sees that it is abandoned knows that nothing more comes.
    queue.close()
    state.withLockedValue { ($0.isClosing, $0.isAbandoned) = (true, true) }
    ringAll()
  }

  /// Called by each thread as its last act; after the last one no flock is held any more.
  func end(_ worker: Worker) {
    let isLast = state.withLockedValue { state in
      state.running.remove(worker)
      return state.running.isEmpty
    }
    if isLast { letGo() }
    ringAll()
  }

  private func letGo() {
    chain.removeAll()
    // Only now: who waits may take the flocks.
    let waiting = state.withLockedValue { state in
      state.hasEnded = true
      defer { state.waitingForEnd = [] }
      return state.waitingForEnd
    }
    for waiter in waiting { waiter.resume() }
  }

  /// Returns when all threads have ended.
  func waitForEnd() async {
    await withCheckedContinuation { waiter in
      let hasEnded = state.withLockedValue { state in
        if !state.hasEnded { state.waitingForEnd.append(waiter) }
        return state.hasEnded
      }
      if hasEnded { waiter.resume() }
    }
  }

  private func ringAll() {
    for bell in [queue.bell, filerBell, sweeperBell, hurryBell] { bell.ring() }
  }
}
