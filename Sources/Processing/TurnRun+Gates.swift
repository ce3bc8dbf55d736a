internal import Deciding
internal import Foundation
internal import Recording
internal import Sending

// What must be left alone: read before anything is asked or sent.
extension TurnRun {
  /// Puts a turn off whose channel, or whose model, is to be left alone.
  ///
  /// Where the time of a gate is over, one turn passes to see whether all may.
  ///
  /// - Returns: Whether the turn was put off, or has ended.
  mutating func isHeldUp(_ turn: Turn, _ standing: Standing) throws(LedgerError) -> Bool {
    // What may have left has to be seen to in any case.
    guard turn.state != .sending else { return false }
    let channel = Gate.Key.channel(standing.channel.id)
    if try isBarred(channel, turn, standing, Channels.pausedReason) { return true }
    guard turn.reply == nil, let provider = keeper.provider, standing.agent.map({ $0.responder != .scripted }) ?? false else {
      return false
    }
    if try isBarred(.provider(provider), turn, standing, Gatekeeper.providerReason) { return true }
    guard let gate = try transaction.gates.gate(.provider(provider)), gate.alert == nil, gate.isShut(at: now) else { return false }
    try putOff(turn, until: soonAfter(gate), reason: gate.reason)
    return true
  }

  /// Puts a turn off whose next part may not leave now.
  mutating func mustWait(_ turn: Turn, _ standing: Standing) throws(LedgerError) -> Bool {
    let keys: [Gate.Key] = [.channel(standing.channel.id), .app(standing.channel.app), .pair(turn.conversationID)]
    if try isBarred(keys[0], turn, standing, Channels.pausedReason) { return true }
    let shut = try transaction.gates.gates(keys).values.filter { $0.alert == nil && $0.isShut(at: now) }
    guard let last = shut.max(by: { ($0.notBefore ?? .distantFuture) < ($1.notBefore ?? .distantFuture) }) else { return false }
    try putOff(turn, until: soonAfter(last), reason: last.reason)
    return true
  }

  private mutating func isBarred(_ key: Gate.Key, _ turn: Turn, _ standing: Standing, _ reason: String) throws(LedgerError) -> Bool {
    guard let gate = try transaction.gates.gate(key), gate.alert != nil else { return false }
    // Whoever goes on with a turn that tries it out goes on with that as well.
    var mayPass = gate.probe == turn.id
    if !gate.isShut(at: now) {
      mayPass = try transaction.gates.probe(key, by: turn.id, until: now.addingTimeInterval(Gatekeeper.probeTime), at: now)
    }
    if mayPass {
      keeper.memory.probe(key, by: turn.id)
      lapsed.probes[turn.id]?.remove(key)
      return false
    }
    // Nobody is told late that it came too late.
    let messages = try transaction.messages.messages(of: turn.id)
    if case .refuse(let refusal) = prospect(turn, standing, messages) {
      try end(turn, by: refusal)
    } else {
      try putOff(turn, until: soonAfter(gate), reason: reason)
    }
    return true
  }

  /// What the turn was to try out that has left our hands before anything was asked or sent, another one may.
  mutating func giveBackProbes() throws(LedgerError) {
    guard let turn = current, keeper.memory.isProbing(turn) else { return }
    let left = keeper.memory.probes(of: turn).subtracting(lapsed.probes[turn] ?? [])
    for key in left { try transaction.gates.giveBack(key, by: turn, at: now) }
    lapsed.probes[turn, default: []].formUnion(left)
  }

  /// Whether a turn was to try something out, which it has done now.
  mutating func hasTriedOut(_ key: Gate.Key, _ turn: String) -> Bool {
    guard keeper.memory.probes(key, by: turn) else { return false }
    lapsed.probes[turn, default: []].insert(key)
    return true
  }

  /// Not all at the same moment.
  private func soonAfter(_ gate: Gate) -> Date {
    let longest = now.addingTimeInterval(TurnRun.longestWait)
    guard let end = gate.notBefore else { return longest }
    return min(max(end, now).addingTimeInterval(0.001 + keeper.jitter()), longest)
  }

  mutating func putOff(_ turn: Turn, until: Date, reason: String) throws(LedgerError) {
    try transaction.turns.putOff(turn, until: until, reason: reason, under: lease)
    try putDown(turn, until: until, reason: reason)
    CrashPoint.wait.inside(transaction)
  }

  // MARK: Pace

  /// Puts a turn off whose next part would leave too soon after others: to the same customer, or from the same channel.
  ///
  /// On a channel it is given a place of its own, so that it leaves when that has come and nobody has to try again and again.
  mutating func isPaced(_ turn: Turn, _ standing: Standing) throws(LedgerError) -> Bool {
    let time = now.microseconds
    if keeper.channelRate > 0 {
      // What this transaction has taken in is not written yet.
      let spread = sent == 0 ? standing.pairPacedUntil : Pace.pair.spread(after: standing.pairPacedUntil, adding: sent, at: time)
      let start = Pace.pair.next(after: spread, at: time).start
      // The ledger's times are in milliseconds.
      if start >= time + 1000 {
        try putOff(turn, until: min(Date(microseconds: start), now.addingTimeInterval(TurnRun.longestWait)), reason: "send.pair_paced")
        return true
      }
    }
    guard let (pace, place) = try channelPace(standing) else { return false }
    if turn.reason != place, turn.reason != TurnRun.slowPlace {
      let (start, spread) = pace.next(after: standing.channelPacedUntil, at: time)
      guard start - time < TurnRun.furthestPlace else {
        // Too far ahead to be given a place; they come back at different times.
        try putOff(turn, until: now.addingTimeInterval(TurnRun.longestWait * (0.25 + 0.25 * keeper.jitter())), reason: "send.queued")
        return true
      }
      try transaction.channels.pace(standing.channel.id, until: spread)
      if start > time + 500 {
        try putOff(turn, until: Date(microseconds: start), reason: place)
        return true
      }
    }
    return try isTooClose(turn, standing, place: place)
  }

  /// Puts a turn off for a moment whose place has come, along with those of many others.
  private mutating func isTooClose(_ turn: Turn, _ standing: Standing, place: String) throws(LedgerError) -> Bool {
    let rate = keeper.channelRate
    guard rate > 0, place == TurnRun.place else { return false }
    let interval = Int(1e6 / (Double(rate) * 0.95))
    guard
      let time = keeper.memory.depart(
        turn.id, from: standing.channel.id, at: now.microseconds, each: interval, slack: Pace.slack(perSecond: rate))
    else { return false }
    try putOff(turn, until: Date(microseconds: time), reason: place)
    return true
  }

  /// What has left for the customer, as the conversation keeps it; nil when nothing has.
  func spread() -> Spread? {
    guard sent > 0, keeper.channelRate > 0 else { return nil }
    let time = now.microseconds
    return Spread(
      least: time, most: Pace.pair.spread(after: nil, adding: Pace.pair.burst, at: time) + Pace.longest,
      added: Pace.pair.spread(after: nil, adding: sent, at: time) - time)
  }

  /// Waits for the place that it was given among those of its channel.
  private static let place = "send.paced"

  /// The same, among those that are further apart because the account's calls are nearly used up: what had a place before gets another.
  private static let slowPlace = "send.slowed"

  private static let furthestPlace = 600_000_000

  /// The slower of what is set and of what the platform's word on usage allows; nil for no limit.
  private func channelPace(_ standing: Standing) throws(LedgerError) -> (pace: Pace, place: String)? {
    let set = keeper.channelRate > 0 ? Pace.channel(perSecond: keeper.channelRate) : nil
    guard standing.hasGates, let usage = try transaction.gates.gate(.usage(standing.channel.app)), usage.isShut(at: now),
      let spacing = Pace.spacing(used: usage.level), spacing > set?.interval ?? .zero
    else { return set.map { ($0, TurnRun.place) } }
    return (Pace(interval: spacing, burst: 1), TurnRun.slowPlace)
  }

  /// Slows down what leaves before the platform refuses it.
  mutating func slow(_ turn: Turn, by usage: Usage) throws(LedgerError) {
    guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { return }
    let until = now.addingTimeInterval(TurnRun.usageTime)
    try transaction.gates.note(usage: usage.percent, of: .usage(standing.channel.app), until: until, at: now)
    guard usage.percent >= 100 || usage.regain != nil else { return }
    let rule = ErrorTable.rule(code: 4)
    _ = try gatekeeper.backOff(.app(standing.channel.app), for: rule.reason, rule.backoff, atLeast: usage.regain ?? .seconds(60))
  }

  /// How long the platform's word on usage counts; while anything is sent it comes anew.
  private static let usageTime: TimeInterval = 60

  // MARK: What they have come to

  var gatekeeper: Gatekeeper { Gatekeeper(transaction: transaction, now: now, jitter: keeper.jitter()) }

  /// A part was taken: whoever has tried the channel out has found it well.
  mutating func worked(_ turn: Turn) throws(LedgerError) {
    guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { return }
    let key = Gate.Key.channel(standing.channel.id)
    if hasTriedOut(key, turn.id), try gatekeeper.open(key) { hasWoken = true }
  }

  /// A channel fails in a row: it is left alone for a while.
  ///
  /// - Returns: Until when; nil when it has not failed often enough.
  mutating func trip(_ turn: Turn, for reason: Reason) throws(LedgerError) -> Date? {
    guard let standing = try transaction.conversations.standing(of: turn.conversationID) else { return nil }
    return try trip(
      .channel(standing.channel.id), by: turn.id, reason.code, "\(reason.message) It is tried again now and then; what waits is kept.")
  }

  /// An upstream has failed: in a row, or as soon as it was tried out, so that it is left alone for a while.
  ///
  /// - Returns: Until when; nil when it has not failed often enough.
  mutating func trip(_ key: Gate.Key, by turn: String, _ reason: String, _ message: String) throws(LedgerError) -> Date? {
    let gate = try transaction.gates.gate(key)
    let isTripped = hasTriedOut(key, turn) && gate?.probe == turn || keeper.memory.isDown(key)
    // From here on the gate says it. Whoever opens it, perhaps another process, begins a new row.
    if isTripped || gate.map({ $0.alert != nil && $0.isShut(at: now) }) ?? false { lapsed.failures.insert(key) }
    guard isTripped else { return nil }
    return try gatekeeper.trip(key, by: turn, reason, message)
  }
}
