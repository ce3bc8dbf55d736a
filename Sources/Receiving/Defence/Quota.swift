import NIOConcurrencyHelpers

/// Something of which there is so much and no more.
final class Quota: Sendable {
  let limit: Int
  private let used = NIOLockedValueBox(0)

  init(_ limit: Int) {
    self.limit = limit
  }

  /// Whether it could be had; if not, nothing was taken.
  func take(_ count: Int) -> Bool {
    used.withLockedValue { used in
      guard count <= limit - used else { return false }
      used += count
      return true
    }
  }

  /// Takes it though there may be none left: for what cannot be refused any more.
  func force(_ count: Int) { used.withLockedValue { $0 += count } }

  func giveBack(_ count: Int) { used.withLockedValue { $0 -= count } }

  var left: Int { used.withLockedValue { limit - $0 } }
}
