import NIOConcurrencyHelpers
import NIOCore

/// Limits how many requests a second each address may make.
///
/// A token bucket an address, full at first, kept as the one moment at which it will be full again: what is full is not kept, and what is
/// not asked for is forgotten, the stalest half at once.
final class Throttle: Sendable {
  private struct State {
    /// By household, in nanoseconds of uptime.
    var recent: [UInt128: UInt64] = [:]
    var older: [UInt128: UInt64] = [:]
  }

  private let interval: UInt64
  private let tolerance: UInt64
  private let sparesLoopback: Bool
  private let most: Int
  private let state = NIOLockedValueBox(State())

  /// Nil when there is no limit.
  ///
  /// - Parameters:
  ///   - rate: Requests a second, and as many at once: 0 (no limit) to 1,000,000.
  ///   - sparesLoopback: Whether this machine may ask as often as it likes.
  ///   - addresses: How many are known at a time, at most.
  init?(rate: Int, sparesLoopback: Bool, addresses: Int = 10_000) {
    guard rate > 0 else { return nil }
    interval = 1_000_000_000 / UInt64(min(rate, 1_000_000))
    tolerance = interval * UInt64(rate - 1)
    (self.sparesLoopback, most) = (sparesLoopback, addresses)
  }

  /// Takes a token of the address: nil, or how long it must wait for one.
  func wait(of address: IPAddress, now: NIODeadline = .now()) -> TimeAmount? {
    guard !(sparesLoopback && address.isLoopback) else { return nil }
    let (now, household) = (now.uptimeNanoseconds, address.household)
    return state.withLockedValue { state in
      let full = max(now, state.recent[household] ?? state.older[household] ?? 0)
      let isEarly = full - now > tolerance
      if state.recent.count >= most / 2, state.recent[household] == nil {
        state.older = state.recent
        state.recent = [:]
      }
      state.recent[household] = isEarly ? full : full + interval
      guard !isEarly else { return .nanoseconds(Int64(full - now - tolerance)) }
      return nil
    }
  }

  /// How many addresses are remembered.
  var count: Int { state.withLockedValue { $0.recent.count + $0.older.count } }
}
