import NIOConcurrencyHelpers

/// Which segments there are, and how far each has come: the writer adds at the end, the filer follows, the sweeper takes away.
final class SegmentChain: Sendable {
  /// A segment in use.
  private struct Link {
    let segment: Segment
    /// Up to here it is acknowledged.
    var durableEnd = JournalLayout.block
    /// Up to here its records are files.
    var filedEnd = JournalLayout.block
    var unfiledBytes = 0
    var firstWrite: ContinuousClock.Instant?
    /// When the writer was done with it; nil for the last.
    var closedAt: ContinuousClock.Instant?
    /// Its sync never failed.
    var isSound = true
    /// It is for the next start to look at.
    var mustStay = false
  }

  /// A closed segment whose records all are files.
  struct Settled: Sendable {
    let segment: Segment
    let closedAt: ContinuousClock.Instant
    /// Its sync never failed.
    let isSound: Bool
    let wasUsed: Bool
  }

  /// What the filer reads next: from where its reader stands, up to `end`.
  struct Work: Sendable {
    let segment: Segment
    let end: Int
  }

  private struct State {
    var links: [Link] = []
    var settled: [Settled] = []
    /// Never used, or renewed.
    var ready: [Segment] = []
    /// Held to the end, and never removed by this process.
    var kept: [Segment] = []
    /// Of the last payload for which the backlog left no room, in bytes.
    var refused = 0
    var isReadyWanted = false
    /// Why a payload found no segment, until one lies ready.
    var failure: JournalError?
    /// When the last one could not be made.
    var failedAt: ContinuousClock.Instant?
    var isChangeWanted = false
    var counts = Journal.Counts()

    /// Moves on what the writer and the filer are both done with.
    mutating func settle() {
      while let first = links.first, let closedAt = first.closedAt, first.filedEnd >= first.durableEnd {
        links.removeFirst()
        if first.mustStay {
          kept.append(first.segment)
        } else {
          let wasUsed = first.firstWrite != nil
          settled.append(Settled(segment: first.segment, closedAt: closedAt, isSound: first.isSound, wasUsed: wasUsed))
        }
      }
    }
  }
  private let state = NIOLockedValueBox(State())

  /// How many segments lie ready at most: a change of segment should not wait for one to be made.
  static let mostReady = 2

  /// How long it is before one that could not be made is tried again.
  private static let pause = Duration.seconds(1)

  /// What is acknowledged and no file yet.
  var backlog: Int { state.withLockedValue { $0.links.reduce(0) { $0 + $1.unfiledBytes } } }

  var counts: Journal.Counts { state.withLockedValue { $0.counts } }

  /// Whether a payload like the last one that did not fit would still not fit, or any at all.
  func isFull(limit: Int) -> Bool {
    state.withLockedValue { state in
      let backlog = state.links.reduce(0) { $0 + $1.unfiledBytes }
      return backlog >= limit || backlog + min(state.refused, limit) > limit
    }
  }

  // MARK: The writer's side

  /// A payload of so many bytes did not fit beside the backlog.
  func noteRefusal(of bytes: Int) { state.withLockedValue { $0.refused = bytes } }

  func begin(_ segment: Segment) { state.withLockedValue { $0.links.append(Link(segment: segment)) } }

  /// The last segment is durable up to `end`, a group of `records` in `bytes` more than before.
  func publish(end: Int, records: Int, bytes: Int, now: ContinuousClock.Instant) {
    state.withLockedValue { state in
      state.counts.records += records
      state.counts.syncs += 1
      guard let last = state.links.indices.last else { return }
      state.links[last].durableEnd = end
      state.links[last].unfiledBytes += bytes
      state.links[last].firstWrite = state.links[last].firstWrite ?? now
    }
  }

  /// Nothing more is written to the last segment.
  func finish(now: ContinuousClock.Instant, isSound: Bool) {
    state.withLockedValue { state in
      guard let last = state.links.indices.last else { return }
      (state.links[last].closedAt, state.links[last].isSound) = (now, isSound)
      state.settle()
    }
  }

  func takeReady() -> Segment? { state.withLockedValue { $0.ready.popLast() } }

  /// Whether this is the first wish for a segment since there is none ready; not soon after one could not be made.
  func wishForReady(now: ContinuousClock.Instant) -> Bool {
    state.withLockedValue { state in
      guard state.ready.isEmpty, !state.isReadyWanted, state.failedAt.map({ now >= $0 + Self.pause }) ?? true else { return false }
      state.isReadyWanted = true
      return true
    }
  }

  /// A payload needed a segment, and none could be made.
  func noteFailure(_ error: JournalError, now: ContinuousClock.Instant) {
    state.withLockedValue { ($0.failure, $0.failedAt) = (error, now) }
  }

  /// Why a payload that needs another segment is refused; nil when one lies ready, or may be made.
  var failure: JournalError? { state.withLockedValue { $0.ready.isEmpty ? $0.failure : nil } }

  func takeChangeWish() -> Bool {
    state.withLockedValue { state in
      defer { state.isChangeWanted = false }
      return state.isChangeWanted
    }
  }

  // MARK: The filer's side

  /// The oldest segment with records that are no files yet.
  func nextToFile() -> Work? {
    state.withLockedValue { state in
      state.links.first { $0.filedEnd < $0.durableEnd }.map { Work(segment: $0.segment, end: $0.durableEnd) }
    }
  }

  /// The records of `segment` are files up to `end`, `bytes` more than before; true when that was the last of them.
  func markFiled(_ segment: Segment, end: Int, bytes: Int) -> Bool {
    state.withLockedValue { state in
      guard let index = state.links.firstIndex(where: { $0.segment === segment }) else { return false }
      state.links[index].filedEnd = end
      state.links[index].unfiledBytes -= bytes
      let before = state.links.count
      state.settle()
      return state.links.count < before
    }
  }

  /// Something in `segment` cannot be read: it is for the next start to look at.
  func distrust(_ segment: Segment) {
    state.withLockedValue { state in
      for index in state.links.indices where state.links[index].segment === segment { state.links[index].mustStay = true }
    }
  }

  // MARK: The sweeper's side

  /// The settled segments that were closed at `limit` or before; all of them when it is nil.
  func takeSettled(closedBy limit: ContinuousClock.Instant?) -> [Settled] {
    state.withLockedValue { state in
      let count = limit.map { limit in state.settled.prefix { $0.closedAt <= limit }.count } ?? state.settled.count
      defer { state.settled.removeFirst(count) }
      return Array(state.settled.prefix(count))
    }
  }

  /// Nothing that is in use or settled now may ever be removed, nor `segments`.
  func keep(_ segments: [Segment]) {
    state.withLockedValue { state in
      state.kept += segments + state.settled.map(\.segment)
      state.settled = []
      for index in state.links.indices { state.links[index].mustStay = true }
    }
  }

  /// When one that a payload needed is to be tried again.
  var nextTry: ContinuousClock.Instant? {
    state.withLockedValue { state in state.failure == nil || !state.ready.isEmpty ? nil : state.failedAt.map { $0 + Self.pause } }
  }

  /// One that was wished for could not be made.
  func noteFailedTry(_ error: JournalError, now: ContinuousClock.Instant) {
    state.withLockedValue { state in
      state.failedAt = now
      if state.failure != nil { state.failure = error }
    }
  }

  /// False when enough are ready.
  func addReady(_ segment: Segment) -> Bool {
    state.withLockedValue { state in
      (state.failure, state.failedAt) = (nil, nil)
      guard state.ready.count < Self.mostReady else { return false }
      state.ready.append(segment)
      return true
    }
  }

  var hasEnoughReady: Bool { state.withLockedValue { $0.ready.count >= Self.mostReady } }

  func takeReadyWish() -> Bool {
    state.withLockedValue { state in
      defer { state.isReadyWanted = false }
      return state.isReadyWanted
    }
  }

  /// When the first settled segment was closed.
  var oldestSettled: ContinuousClock.Instant? { state.withLockedValue { $0.settled.first?.closedAt } }

  /// When the segment that is being written got its first group; nil, too, while the writer is asked to change it.
  var currentBegan: ContinuousClock.Instant? {
    state.withLockedValue { state in
      guard !state.isChangeWanted, let last = state.links.last, last.closedAt == nil else { return nil }
      return last.firstWrite
    }
  }

  func wishForChange() { state.withLockedValue { $0.isChangeWanted = true } }

  /// Lets go of everything, and with it of every flock.
  func removeAll() { state.withLockedValue { $0 = State(counts: $0.counts) } }
}
