import Foundation

/// How often each address was refused in the second that runs, so that a flood of refusals is one line a second.
///
/// Its memory is bounded: addresses beyond the most that are remembered are counted together.
struct ReceiptTally: Sendable {
  /// The refusals of an address that get a line of their own, each second.
  static let ownLines = 10
  /// The most addresses that are told apart in one second.
  static let addressLimit = 1024

  /// The refusals of one address, in one second, that got no line of their own.
  struct Surplus: Hashable, Sendable {
    /// The second's beginning.
    let at: Date
    /// Nil for all those that were not told apart.
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
  private var counts: [String?: Int] = [:]

  /// Whether some refusal of the second that runs has no line.
  private(set) var hasSurplus = false

  /// Counts one refusal, in the second that runs since ``turn(to:)``.
  ///
  /// - Returns: Whether it gets a line of its own.
  mutating func admits(_ peer: String?) -> Bool {
    let isKnown = counts[peer] != nil
    let key = isKnown || counts.count < Self.addressLimit ? peer : nil
    counts[key, default: 0] += 1
    let isOwn = counts[key, default: 0] <= Self.ownLines
    if !isOwn { hasSurplus = true }
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
    defer { (second, counts, hasSurplus) = (next, [:], false) }
    guard hasSurplus else { return [] }
    let start = Date(timeIntervalSince1970: Double(second))
    return counts.filter { $0.value > Self.ownLines }.map { Surplus(at: start, peer: $0.key, count: $0.value - Self.ownLines) }
  }
}
