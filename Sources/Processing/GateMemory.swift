internal import NIOConcurrencyHelpers
internal import Recording

/// What one process remembers of its upstreams from one transaction to the next: how often each has failed in a row, and who tries it out.
///
/// Losing it costs a few requests to an upstream that is down.
final class GateMemory: Sendable {
  private struct State {
    var failures: [Gate.Key: Int] = [:]
    var probes: [String: Set<Gate.Key>] = [:]
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

  /// Remembers that a turn passes a gate to try out what is behind it.
  func probe(_ key: Gate.Key, by turn: String) { state.withLockedValue { _ = $0.probes[turn, default: []].insert(key) } }

  func probes(_ key: Gate.Key, by turn: String) -> Bool { state.withLockedValue { $0.probes[turn]?.contains(key) ?? false } }

  func isProbing(_ turn: String) -> Bool { state.withLockedValue { !$0.probes.isEmpty && $0.probes[turn] != nil } }

  /// Forgets it.
  ///
  /// - Returns: False when it did not.
  func endProbe(_ key: Gate.Key, by turn: String) -> Bool {
    state.withLockedValue { state in
      guard !state.probes.isEmpty, state.probes[turn]?.remove(key) != nil else { return false }
      if state.probes[turn]?.isEmpty == true { state.probes[turn] = nil }
      return true
    }
  }
}
