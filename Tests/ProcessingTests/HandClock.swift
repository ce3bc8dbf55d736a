import Foundation
import NIOConcurrencyHelpers

/// A wall clock that goes only when it is told to, in either direction.
final class HandClock: Sendable {
  private let time: NIOLockedValueBox<Date>

  init(_ time: Date = Date()) {
    self.time = NIOLockedValueBox(time)
  }

  var now: Date { time.withLockedValue { $0 } }

  func move(by seconds: TimeInterval) {
    time.withLockedValue { $0 += seconds }
  }

  func set(_ new: Date) {
    time.withLockedValue { $0 = new }
  }
}
