import Foundation

/// How often each household was refused in the second that runs, so that a flood of refusals is one line a second.
///
/// Its memory is bounded: households beyond the most that are remembered are counted together.
struct ReceiptTally: Sendable {
  /// The refusals of a household that get a line of their own, each second.
  static let ownLines = 10
  /// The same of all together.
  static let ownLinesInAll = 500
  /// The most households that are told apart in one second.
  static let addressLimit = 1024

  /// The refusals of one household, in one second, that got no line of their own.
  struct Surplus: Hashable, Sendable {
    /// The second's beginning.
    let at: Date
    /// An address, or an IPv6 network; nil for all those that were not told apart.
    let peer: String?
    let count: Int

    var line: ReceiptLine {
      var line = ReceiptLine(at: at)
      line.add("peer", text: peer)
      line.add("verdict", text: "refused")
      line.add("count", number: count)
      line.end()
      return line
    }
  }

  private var second = Int64.min
  private var counts: [UInt128?: (all: Int, own: Int)] = [:]
  private var own = 0

  /// Whether some refusal of the second that runs has no line.
  private(set) var hasSurplus = false

  /// Counts one refusal, in the second that runs since ``turn(to:)``.
  ///
  /// - Returns: Whether it gets a line of its own.
  mutating func admits(_ peer: String?) -> Bool {
    let household = peer.flatMap { IPAddress($0) }?.household
    let isTold = counts[household] != nil || counts.count < Self.addressLimit
    var count = counts[isTold ? household : nil] ?? (0, 0)
    let isOwn = count.own < Self.ownLines && own < Self.ownLinesInAll
    count.all += 1
    if isOwn { (count.own, own) = (count.own + 1, own + 1) } else { hasSurplus = true }
    counts[isTold ? household : nil] = count
    return isOwn
  }

  /// Begins another second when `date` lies in one, be it before, for clocks jump.
  ///
  /// - Returns: What the second that is over had beyond its lines.
  mutating func turn(to date: Date) -> [Surplus] {
    let now = Int64(date.timeIntervalSince1970.rounded(.down))
    guard now != second else { return [] }
    return end(beginning: now)
  }

  /// Ends the second that runs, whatever the time is.
  mutating func end(beginning next: Int64 = .min) -> [Surplus] {
    defer { (second, counts, own, hasSurplus) = (next, [:], 0, false) }
    guard hasSurplus else { return [] }
    let start = Date(timeIntervalSince1970: Double(second))
    return counts.filter { $0.value.all > $0.value.own }.map { household, count in
      Surplus(at: start, peer: household.map { IPAddress.name(ofHousehold: $0) }, count: count.all - count.own)
    }
  }
}
