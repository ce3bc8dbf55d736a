/// The bytes of one body, held as long as somebody may need them.
struct BodyHold {
  private let quota: Quota
  private var count = 0

  init(on quota: Quota) {
    self.quota = quota
  }

  /// Whether so many would fit now; none are taken, for who only announces bytes must not keep others from sending theirs.
  func hasRoom(for count: Int) -> Bool { count <= quota.left }

  /// Whether they fit.
  mutating func take(_ count: Int) -> Bool {
    guard quota.take(count) else { return false }
    self.count += count
    return true
  }

  mutating func giveBack() {
    quota.giveBack(count)
    count = 0
  }
}
