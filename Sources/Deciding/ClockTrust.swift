package import Foundation

/// Whether the wall clock can be believed: it is held against a clock that nobody sets, and against the platform's.
///
/// A machine whose time is set by hours in the middle of its work would refuse customers whose windows are open, or write to others whose windows
/// are closed.
package struct ClockTrust: Hashable, Sendable {
  /// What both clocks say at one moment.
  package struct Reading: Hashable, Sendable {
    /// UTC; may be set at any time.
    package let wall: Date
    /// Since some moment before, sleep of the machine included; goes on evenly, whatever anybody sets.
    package let uptime: Duration

    package init(wall: Date, uptime: Duration) {
      (self.wall, self.uptime) = (wall, uptime)
    }
  }

  /// How far two clocks may part before one of them is wrong, and the platform's be from ours.
  package static let tolerance: Duration = .seconds(300)

  /// When the wall clock was last believed.
  private var believed: Reading

  /// Begins with a clock that is believed: nothing is known that speaks against it.
  package init(_ first: Reading) {
    believed = first
  }

  /// How far the wall clock is ahead of where it should be; negative when it is behind.
  package func deviation(at reading: Reading) -> Duration {
    .seconds(reading.wall.timeIntervalSince(believed.wall)) - (reading.uptime - believed.uptime)
  }

  /// What the time is, as far as it is known.
  package func present(at reading: Reading) -> Present {
    let deviation = deviation(at: reading)
    guard abs(deviation) > ClockTrust.tolerance else { return Present(reading.wall) }
    return Present(reading.wall, or: reading.wall.addingTimeInterval(-(deviation / .seconds(1))))
  }

  /// Takes in what the platform says the time is (UTC): where the wall clock agrees, it is believed from then on.
  package mutating func hear(_ platform: Date, at reading: Reading) {
    if abs(.seconds(reading.wall.timeIntervalSince(platform))) <= ClockTrust.tolerance { believed = reading }
  }

  private func abs(_ duration: Duration) -> Duration { duration < .zero ? .zero - duration : duration }
}

/// What the time is, as far as it is known: one time, or two where nobody can tell which of them is right.
package struct Present: Hashable, Sendable {
  /// By the wall clock (UTC).
  package let now: Date
  /// What it would be had nobody set the clock (UTC); nil while the wall clock is believed.
  package let otherwise: Date?

  package init(_ now: Date, or otherwise: Date? = nil) {
    (self.now, self.otherwise) = (now, otherwise)
  }

  /// What the rules say of a turn.
  ///
  /// - Returns: Nil where nobody can tell yet: at one of the two times the window would be closed, or they would say something else.
  package func decision(on facts: TurnFacts) -> TurnFacts.Decision? {
    let decision = facts.decision(now: now)
    guard let otherwise else { return decision }
    let isClosed = decision == .refuse(.windowExpired) || decision == .useTemplate
    return !isClosed && facts.decision(now: otherwise) == decision ? decision : nil
  }
}
