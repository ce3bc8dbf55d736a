internal import Deciding
internal import Foundation
internal import Logging
internal import NIOConcurrencyHelpers

/// Watches whether the wall clock can be believed, and asks the platform for the time while it cannot.
final class ClockWatch: Sendable {
  private struct State {
    var trust: ClockTrust
    /// Whether it has been told that the clock cannot be believed.
    var isTold = false
    var asking: Task<Void, Never>?
  }

  /// Why a turn waits that would be refused or not, as the time is.
  static let reason = "clock.uncertain"

  private let now: @Sendable () -> Date
  private let uptime: @Sendable () -> Duration
  private let sender: any Sender
  private let logger: Logger
  private let state: NIOLockedValueBox<State>

  init(now: @escaping @Sendable () -> Date, uptime: @escaping @Sendable () -> Duration, sender: any Sender, logger: Logger) {
    (self.now, self.uptime, self.sender, self.logger) = (now, uptime, sender, logger)
    state = NIOLockedValueBox(State(trust: ClockTrust(ClockTrust.Reading(wall: now(), uptime: uptime()))))
  }

  /// What the time is when the wall clock says `now`.
  func present(_ now: Date) -> Present {
    let reading = ClockTrust.Reading(wall: now, uptime: uptime())
    return state.withLockedValue { $0.trust.present(at: reading) }
  }

  /// Tells, once, that the clock cannot be believed, and once that it can again; while it cannot, the platform is asked, by one at a time.
  func look() {
    let reading = ClockTrust.Reading(wall: now(), uptime: uptime())
    let (isUncertain, wasTold, deviation) = state.withLockedValue { state in
      let isUncertain = state.trust.present(at: reading).otherwise != nil
      defer { state.isTold = isUncertain }
      if isUncertain, state.asking == nil { state.asking = Task { [self] in await ask() } }
      return (isUncertain, state.isTold, state.trust.deviation(at: reading))
    }
    guard isUncertain != wasTold else { return }
    if isUncertain {
      logger.error(
        "alert: the clock was set, and nobody knows whether it is right; no message is refused for its age until the platform's agrees",
        metadata: ["alert": "\(ClockWatch.reason)", "clock.seconds": "\(deviation.components.seconds)"])
    } else {
      logger.notice("alert resolved: the clock is right", metadata: ["alert": "\(ClockWatch.reason)"])
    }
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
