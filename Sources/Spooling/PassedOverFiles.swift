import Foundation

/// Files that were looked at and left in incoming/, to be looked at again; bounded.
struct PassedOverFiles {
  /// How long a file must stay unchanged where the kernel cannot tell whether it is complete.
  static let quietPeriod: TimeInterval = 2

  private struct Entry {
    /// Nothing before this moment may be called covered while the file waits.
    var since: Date
    /// What the file looked like, and since when: only for those that wait for quiet.
    var seen: (status: FileStatus, at: Date)?
  }
  private let limit: Int
  private var entries: [RawName: Entry] = [:]

  /// The oldest `since` among those for whom there was no room; the next scan finds them.
  private(set) var lostSince: Date?

  init(limit: Int = 16_384) {
    self.limit = limit
  }

  /// The oldest moment that any of them goes back to.
  var oldest: Date? {
    let kept = entries.values.map(\.since).min()
    guard let kept, let lostSince else { return kept ?? lostSince }
    return min(kept, lostSince)
  }

  /// Notes a file that somebody writes, or that was given back.
  mutating func note(_ name: RawName, since: Date) {
    set(Entry(since: min(entries[name]?.since ?? since, since), seen: nil), for: name)
  }

  /// Whether the file has not changed for the quiet period; notes it when not.
  mutating func isQuiet(_ name: RawName, status: FileStatus, now: Date) -> Bool {
    let known = entries[name]
    if let seen = known?.seen, status.isUntouched(since: seen.status), now >= seen.at {
      return now.timeIntervalSince(seen.at) >= Self.quietPeriod
    }
    set(Entry(since: min(known?.since ?? status.changedDate, status.changedDate), seen: (status, now)), for: name)
    return false
  }

  mutating func remove(_ name: RawName) {
    entries[name] = nil
  }

  /// To be called when a scan begins, which finds again what was lost.
  mutating func forgetLost() {
    lostSince = nil
  }

  /// The names worth another look now.
  func due(now: Date) -> [RawName] {
    entries.filter { entry in
      guard let seen = entry.value.seen else { return true }
      // Also when the clock went back: its first sight then counts anew.
      return abs(now.timeIntervalSince(seen.at)) >= Self.quietPeriod
    }.keys.sorted()
  }

  private mutating func set(_ entry: Entry, for name: RawName) {
    if entries[name] != nil || entries.count < limit {
      entries[name] = entry
    } else {
      lostSince = min(lostSince ?? entry.since, entry.since)
    }
  }
}
