/// The bytes of one body, held as long as somebody may need them.
struct BodyHold {
  private let defence: Defence
  private let household: UInt128?
  private var count = 0

  /// `sender` is who sends it, as far as is known.
  init(on defence: Defence, from sender: IPAddress?) {
    (self.defence, household) = (defence, defence.household(of: sender))
  }

  /// Whether so many would fit now; none are taken, for who only announces bytes must not keep others from sending theirs.
  func hasRoom(for count: Int) -> Bool { defence.bodies.hasRoom(for: count, of: household, leaving: reserve(beside: count)) }

  /// Whether they fit.
  mutating func take(_ count: Int) -> Bool {
    guard defence.bodies.take(count, for: household, leaving: reserve(beside: self.count + count)) else { return false }
    self.count += count
    return true
  }

  mutating func giveBack() {
    guard count > 0 else { return }
    defence.bodies.giveBack(count, of: household)
    count = 0
  }

  /// What a body of so many bytes must leave to short ones.
  private func reserve(beside bytes: Int) -> Int { bytes > defence.limits.shortBody ? defence.limits.bodyReserve : 0 }
}
