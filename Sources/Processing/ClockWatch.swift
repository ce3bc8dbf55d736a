internal import Deciding
internal import Foundation
internal import NIOConcurrencyHelpers

/// Watches whether the wall clock can be believed, and asks the platform for the time while it cannot.
final class ClockWatch: Sendable {
  private struct State {
    var trust: ClockTrust
    var hasDoubted = false
    var asking: Task<Void, Never>?
  }

  /// Why a turn waits that would be refused or not, as the time is.
  static let reason = "clock.uncertain"

  private let now: @Sendable () -> Date
  private let uptime: @Sendable () -> Duration
  private let sender: any Sender
  private let state: NIOLockedValueBox<State>

  init(now: @escaping @Sendable () -> Date, uptime: @escaping @Sendable () -> Duration, sender: any Sender) {
    (self.now, self.uptime, self.sender) = (now, uptime, sender)
    state = NIOLockedValueBox(State(trust: ClockTrust(ClockTrust.Reading(wall: now(), uptime: uptime()))))
  }

  /// What the time is when the wall clock says `now`.
  func present(_ now: Date) -> Present {
    let reading = ClockTrust.Reading(wall: now, uptime: uptime())
    return state.withLockedValue { $0.trust.present(at: reading) }
  }

  /// While the clock cannot be believed the platform is asked, by one at a time.
  func look() {
    let reading = ClockTrust.Reading(wall: now(), uptime: uptime())
    state.withLockedValue { state in
      guard state.trust.present(at: reading).otherwise != nil else { return }
      state.hasDoubted = true
      if state.asking == nil { state.asking = Task { [self] in await ask() } }
    }
  }

  /// Whether it was doubted since the process began.
  var hasDoubted: Bool { state.withLockedValue(\.hasDoubted) }

  /// What is wrong with it, and what to do; nil while it can be believed.
  var trouble: String? {
    let reading = ClockTrust.Reading(wall: now(), uptime: uptime())
    let (isUncertain, deviation) = state.withLockedValue { state in
      (state.trust.present(at: reading).otherwise != nil, state.trust.deviation(at: reading))
    }
    guard isUncertain else { return nil }
    return
      "The clock was set by \(deviation.components.seconds) seconds, and nobody knows whether it is right: no message is refused for its age "
      + "until the platform's agrees. Set it right."
  }

  /// Ends what is being asked.
  func end() async {
    let asking = state.withLockedValue { $0.asking }
    asking?.cancel()
    await asking?.value
  }

  private func ask() async {
    let platform = await sender.time()
    let reading = ClockTrust.Reading(wall: now(), uptime: uptime())
    state.withLockedValue { state in
      if let platform { state.trust.hear(platform, at: reading) }
      state.asking = nil
    }
  }
}
