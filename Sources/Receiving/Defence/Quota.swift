import NIOConcurrencyHelpers

/// Something of which there is so much and no more, and of which no household gets more than its share.
final class Quota: Sendable {
  private struct State {
    var used = 0
    /// By household, for those that have any.
    var shares: [UInt128: Int] = [:]
  }

  let limit: Int
  let share: Int
  private let state = NIOLockedValueBox(State())

  /// - Parameters:
  ///   - limit: How much there is.
  ///   - share: The most of it that one household may have.
  init(_ limit: Int, share: Int = .max) {
    (self.limit, self.share) = (limit, share)
  }

  /// Takes some; if it could not be had, nothing was taken.
  ///
  /// - Parameters:
  ///   - count: How much.
  ///   - household: Whose share it is of; nil for who may have all.
  ///   - reserve: How much must be left afterwards.
  /// - Returns: Whether it could be had.
  func take(_ count: Int, for household: UInt128? = nil, leaving reserve: Int = 0) -> Bool {
    state.withLockedValue { state in
      guard hasRoom(in: state, for: count, household, reserve) else { return false }
      state.used += count
      if let household { state.shares[household, default: 0] += count }
      return true
    }
  }

  /// Whether it could be had now; the parameters are those of ``take(_:for:leaving:)``.
  func hasRoom(for count: Int, of household: UInt128? = nil, leaving reserve: Int = 0) -> Bool {
    state.withLockedValue { hasRoom(in: $0, for: count, household, reserve) }
  }

  private func hasRoom(in state: State, for count: Int, _ household: UInt128?, _ reserve: Int) -> Bool {
    guard count <= limit - reserve - state.used else { return false }
    return household.map { count <= share - state.shares[$0, default: 0] } ?? true
  }

  /// Takes it though there may be none left: for what cannot be refused any more.
  func force(_ count: Int) { state.withLockedValue { $0.used += count } }

  func giveBack(_ count: Int, of household: UInt128? = nil) {
    state.withLockedValue { state in
      state.used -= count
      guard let household, let share = state.shares[household] else { return }
      // One that has nothing is forgotten.
      state.shares[household] = share > count ? share - count : nil
    }
  }

  var left: Int { state.withLockedValue { limit - $0.used } }
}
