import Foundation
import NIOConcurrencyHelpers

extension Inbox {
  /// How many names one scan selects.
  static let longestList = 16_384

  /// Reads the whole folder in bounded memory and makes a list of the first names in it.
  func scan(_ incoming: OpenFolder, now: Date) throws(SpoolError) {
    // What was hinted so far lies in the folder already, so the scan sees it.
    let cursor = state.withLockedValue { state in
      (state.hints, state.wantsScan) = ([], false)
      state.passedOver.forgetLost()
      return state.droppedCursor
    }
    do throws(SpoolError) {
      let census = try spool.ownerCensus()
      // In this order: one that is done between the two has all its lines in incoming/ by then, or beyond.
      var bulks = try spool.claimedBulkFiles().map(\.status)
      var reading = Reading(after: cursor)
      try incoming.visitNames { reading.see($0) }
      for name in reading.bulks.finish() {
        if let status = try incoming.status(of: name) { bulks.append(status) }
      }
      let names = reading.names.finish()
      let weighed = reading.dropped.finish()
      let dropped = reading.needsTurns ? try Self.byAge(weighed, in: incoming) : []
      let heldAt = reading.bulks.isTruncated ? .distantPast : bulks.map { min($0.changed, $0.modified).date }.min()
      let mark = WorkList.Scan(began: now, heldAt: heldAt, isTruncated: reading.names.isTruncated, census: census)
      let nextCursor = reading.dropped.isTruncated ? weighed.last : nil
      state.withLockedValue { state in
        state.list.fill(names, dropped: dropped, scan: mark)
        state.droppedCursor = nextCursor
      }
    } catch {
      requireScan()
      throw error
    }
  }

  /// What is to be done when the list of a scan is used up.
  ///
  /// Everything of that time is covered unless files were, or may have been, on their way back from a dead owner meanwhile; before a bulk file that
  /// was not done by then, whose lines came when it did.
  func conclude(_ scan: WorkList.Scan) throws(SpoolError) {
    if scan.isTruncated { return requireScan() }
    let census = try spool.ownerCensus()
    guard scan.census.dead.isEmpty, census.dead.isEmpty, scan.census.alive.isSubset(of: census.alive) else { return }
    state.withLockedValue { $0.covered = min(scan.began, scan.heldAt ?? scan.began) }
  }

  private static func byAge(_ names: [RawName], in incoming: OpenFolder) throws(SpoolError) -> [RawName] {
    var aged: [(since: FileStatus.Time, name: RawName)] = []
    for name in names {
      if let status = try incoming.status(of: name) { aged.append((status.changed, name)) }
    }
    return aged.sorted { ($0.since, $0.name) < ($1.since, $1.name) }.map(\.name)
  }

  private struct Reading {
    var names = NameSelection(limit: Inbox.longestList)
    /// No more than can have their turn while the list lasts; where there are more, the next scan goes on behind them.
    var dropped: NameSelection
    /// Far more than there ever are.
    var bulks = NameSelection(limit: 4096)
    private var hasOurs = false
    private var hasDropped = false

    init(after cursor: RawName?) {
      dropped = NameSelection(limit: Inbox.longestList / Inbox.droppedTurn, after: cursor)
    }

    /// Dropped files can only starve beside others that sort before them.
    var needsTurns: Bool { hasDropped && (hasOurs || names.isTruncated) }

    mutating func see(_ name: UnsafeBufferPointer<UInt8>) {
      let kind = NameKind(name)
      switch kind {
      case .ours: hasOurs = true
      case .dropped, .bulk:
        hasDropped = true
        dropped.offer(name)
        if kind == .bulk { bulks.offer(name) }
      case .unfinished, .ignored: return
      }
      names.offer(name)
    }
  }
}
