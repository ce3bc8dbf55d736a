internal import NIOConcurrencyHelpers
internal import Recording

/// What one process remembers of its upstreams from one transaction to the next: how often each has failed in a row, and who tries it out.
///
/// Losing it costs a few requests to an upstream that is down. A transaction may run twice, or come to nothing: within one it is read and
/// added to, and only what is committed makes it forget.
final class GateMemory: Sendable {
  /// What a transaction has made past.
  struct Lapsed: Sendable {
    /// What turns were to try out: they have, or may not any more.
    var probes: [String: Set<Gate.Key>] = [:]
    /// What has failed in a row, where a gate says so now.
    var failures: Set<Gate.Key> = []
  }

  private struct State {
    var failures: [Gate.Key: Int] = [:]
    var probes: [String: Set<Gate.Key>] = [:]
    /// Up to when a channel's departures are spread, in microseconds since 1970.
    var departures: [String: Int] = [:]
    /// Who has been told to leave later, and when.
    var delays: [String: Int] = [:]
  }

  /// How many failures in a row open a breaker.
  static let patience = 10

  private let state = NIOLockedValueBox(State())

  /// Notes whether an upstream has answered as one that works.
  func note(_ key: Gate.Key, hasFailed: Bool) {
    state.withLockedValue { state in
      if hasFailed {
        state.failures[key, default: 0] += 1
      } else if !state.failures.isEmpty {
        state.failures[key] = nil
      }
    }
  }

  /// Whether an upstream has failed so often that it should be left alone.
  func isDown(_ key: Gate.Key) -> Bool { state.withLockedValue { $0.failures[key, default: 0] >= GateMemory.patience } }

  /// Counts a message that leaves a channel now, unless too many have left just before: after a standstill all whose places have come meanwhile
  /// would leave at once.
  ///
  /// - Parameters:
  ///   - turn: Whose message it is.
  ///   - channel: From where.
  ///   - now: The time, in microseconds since 1970.
  ///   - interval: Between two messages, in microseconds.
  ///   - slack: How much too early one may leave, in microseconds.
  /// - Returns: Nil when it may leave; else when it shall, which is kept for it.
  func depart(_ turn: String, from channel: String, at now: Int, each interval: Int, slack: Int) -> Int? {
    state.withLockedValue { state in
      // Another standstill: it stands in line anew.
      if !state.delays.isEmpty, let time = state.delays.removeValue(forKey: turn), now >= time - 1000, now - time <= slack + 1000 {
        return nil
      }
      var spread = state.departures[channel] ?? now
      // Written by a clock that has been set back since.
      if spread > now + 10_000_000 { spread = now }
      spread = max(spread, now)
      state.departures[channel] = spread + interval
      let time = spread - slack
      guard time > now + 1000 else { return nil }
      // Those that another process has taken do not come back.
      if state.delays.count > 10_000 { state.delays = [:] }
      state.delays[turn] = time
      return time
    }
  }

  /// Remembers that a turn passes a gate to try out what is behind it.
  func probe(_ key: Gate.Key, by turn: String) { state.withLockedValue { _ = $0.probes[turn, default: []].insert(key) } }

  func probes(_ key: Gate.Key, by turn: String) -> Bool { state.withLockedValue { $0.probes[turn]?.contains(key) ?? false } }

  func isProbing(_ turn: String) -> Bool { state.withLockedValue { !$0.probes.isEmpty && $0.probes[turn] != nil } }

  /// All that a turn tries out.
  func probes(of turn: String) -> Set<Gate.Key> { state.withLockedValue { $0.probes[turn] ?? [] } }

  /// Forgets what is past, once it is committed that it is.
  func forget(_ lapsed: Lapsed) {
    guard !lapsed.probes.isEmpty || !lapsed.failures.isEmpty else { return }
    state.withLockedValue { state in
      for (turn, keys) in lapsed.probes {
        state.probes[turn]?.subtract(keys)
        if state.probes[turn]?.isEmpty == true { state.probes[turn] = nil }
      }
      for key in lapsed.failures { state.failures[key] = nil }
    }
  }
}
