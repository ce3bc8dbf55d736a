/// The first names in byte order of however many are offered, in bounded memory.
///
/// It keeps at most twice its limit: when that is full it sorts, cuts, and from then on refuses at sight what comes after the cut.
struct NameSelection {
  let limit: Int
  private let floor: RawName?
  private var ceiling: RawName?
  private var kept: [RawName] = []

  /// Whether names were left out for the limit's sake.
  private(set) var isTruncated = false

  /// - Parameters:
  ///   - limit: How many names to select; at least 1.
  ///   - floor: Names up to and including this one are not wanted.
  init(limit: Int, after floor: RawName? = nil) {
    (self.limit, self.floor) = (limit, floor)
  }

  mutating func offer(_ name: UnsafeBufferPointer<UInt8>) {
    if let ceiling, !ceiling.isAfter(name) {
      isTruncated = true
      return
    }
    let candidate = RawName(name)
    if let floor, candidate <= floor { return }
    kept.append(candidate)
    if kept.count >= 2 * limit { cut() }
  }

  /// The selected names, in order.
  mutating func finish() -> [RawName] {
    cut()
    return kept
  }

  private mutating func cut() {
    kept.sort()
    guard kept.count > limit else { return }
    kept.removeLast(kept.count - limit)
    ceiling = kept.last
    isTruncated = true
  }
}
