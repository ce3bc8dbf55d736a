/// Makes records durable, all that wait together by one sync; runs on a thread of its own.
struct JournalWriter {
  private let parts: JournalParts
  private var gauge: RoomGauge
  private var waiting: ArraySlice<AppendQueue.Waiter> = []

  private var current: Segment?
  /// Where the next group of the current segment begins.
  private var offset = 0
  private var sequence: UInt64 = 0
  private var buffer: [UInt8] = []
  /// How many were answered together: about as many come again, when their senders wait for answers.
  private var lastCount = 0
  /// What the operator was told last.
  private var told: (reason: String, at: ContinuousClock.Instant)?

  /// For how many others a group waits, and how long, few or many: enough to spare most syncs under load, and less than anybody notices.
  private static let gathering = (count: 32, time: Duration.milliseconds(1), timeForMany: Duration.milliseconds(2))
  /// From so many on, one smaller group does not mean that fewer come.
  private static let many = 16

  /// For how long one reason is told once.
  private static let silence = Duration.seconds(10)

  /// Of a buffer that is kept from one group to the next.
  private static let lastingBuffer = 1 << 20

  init(_ parts: JournalParts) {
    (self.parts, gauge) = (parts, RoomGauge(parts))
  }

  /// Returns when nothing more can come and all that came has its answer.
  mutating func run() {
    while true {
      let wasOpen = takeWaiting()
      if parts.isAbandoned { return refuseAll() }
      if parts.chain.takeChangeWish() { finishCurrent() }
      if !waiting.isEmpty {
        writeGroup()
      } else if wasOpen {
        parts.queue.bell.wait()
      } else {
        return finishCurrent()
      }
    }
  }

  /// Whether more may come after what it took.
  private mutating func takeWaiting() -> Bool {
    guard waiting.isEmpty else { return true }
    let wanted = min(lastCount, Self.gathering.count)
    parts.queue.gather(wanted, atMost: wanted > Self.many ? Self.gathering.timeForMany : Self.gathering.time)
    let taken = parts.queue.takeAll()
    waiting = taken.waiters[...]
    return taken.isOpen
  }

  private mutating func writeGroup() {
    if let refusal = gauge.look() { return refuse(waiting.count, refusal) }
    do throws(JournalError) {
      let segment = try segmentForNext()
      let (count, bytes) = nextGroup(in: segment)
      guard count > 0 else {
        parts.chain.noteRefusal(of: waiting.first?.record.length ?? 0)
        return refuse(1, .backlog(bytes: parts.chain.backlog))
      }
      JournalLayout.write(waiting.prefix(count).map(\.record), sequence: sequence, id: segment.id, to: &buffer)
      if let error = commit(to: segment) {
        finishCurrent(isSound: false)
        tell(error)
        return refuse(count, JournalError(error))
      }
      offset += buffer.count
      sequence += 1
      if buffer.capacity > Self.lastingBuffer { buffer = [] }
      parts.chain.publish(end: offset, records: count, bytes: bytes, now: parts.system.now())
      lastCount = max(count, lastCount > Self.many ? min(lastCount, Self.gathering.count) - 2 : 0)
      answer(count, .success(()))
      parts.filerBell.ring()
      if offset > segment.length / 2, parts.chain.wishForReady(now: parts.system.now()) { parts.sweeperBell.ring() }
    } catch {
      // Others may still fit into the one there is.
      refuse(1, error)
    }
  }

  /// Once in a while: under load there may be thousands a second.
  private mutating func tell(_ error: SpoolError) {
    let now = parts.system.now()
    if let told, told.reason == error.reason, now < told.at + Self.silence { return }
    told = (error.reason, now)
    parts.onTrouble(.notWritten(error))
  }

  private func commit(to segment: Segment) -> SpoolError? {
    do throws(SpoolError) {
      try segment.file.write(buffer, at: offset)
      try segment.file.sync()
      // What is durable in a file that nobody will look into is lost.
      guard try segment.isInPlace() else { throw .missing(path: segment.path) }
      return nil
    } catch {
      return error
    }
  }

  /// How many of those that wait share the next group, and what they take in it.
  private func nextGroup(in segment: Segment) -> (count: Int, bytes: Int) {
    let room = segment.length - offset - JournalLayout.groupHeadLength
    let backlog = parts.chain.backlog
    // One alone, however long: it would be refused for ever.
    let allowed = max(parts.options.maxBytes - backlog, backlog == 0 ? waiting.first?.record.length ?? 0 : 0)
    var (count, bytes) = (0, 0)
    for waiter in waiting {
      let sum = bytes + waiter.record.length
      guard sum <= min(room, allowed), count == 0 || sum <= parts.options.groupBytes else { break }
      (count, bytes) = (count + 1, sum)
    }
    return (count, bytes)
  }

  /// The current segment while the next record fits into it, else another one.
  private mutating func segmentForNext() throws(JournalError) -> Segment {
    let needed = JournalLayout.groupHeadLength + (waiting.first?.record.length ?? 0)
    if let current, offset + needed <= current.length { return current }
    // What could not be made is not tried for each request: the sweeper tries, now and then.
    if let failure = parts.chain.failure { throw failure }
    do throws(SpoolError) {
      // One that is ready, as a rule: making one takes as long as writing all of it.
      let ready = try readySegment()
      let next = if let ready { ready } else { try parts.folder.make(named: parts.spool.uniqueStem()) }
      // Not before there is another: what is short may still fit.
      finishCurrent()
      parts.chain.begin(next)
      (current, offset, sequence) = (next, JournalLayout.block, 0)
      return next
    } catch {
      tell(error)
      parts.chain.noteFailure(JournalError(error), now: parts.system.now())
      parts.sweeperBell.ring()
      throw JournalError(error)
    }
  }

  /// One that still lies where it was made.
  private func readySegment() throws(SpoolError) -> Segment? {
    while let ready = parts.chain.takeReady() {
      if try ready.isInPlace() { return ready }
    }
    return nil
  }

  private mutating func finishCurrent(isSound: Bool = true) {
    guard current != nil else { return }
    current = nil
    parts.chain.finish(now: parts.system.now(), isSound: isSound)
    parts.sweeperBell.ring()
  }

  /// The queue takes nothing more when this is called, so nobody is left waiting.
  private mutating func refuseAll() {
    refuse(waiting.count, .closed)
    waiting = parts.queue.takeAll().waiters[...]
    refuse(waiting.count, .closed)
  }

  private mutating func refuse(_ count: Int, _ error: JournalError) { answer(count, .failure(error)) }

  private mutating func answer(_ count: Int, _ result: Result<Void, JournalError>) {
    for waiter in waiting.prefix(count) { waiter.answer.resume(returning: result) }
    waiting.removeFirst(count)
  }
}
