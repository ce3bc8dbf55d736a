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
      var reading = Reading(after: cursor)
      try incoming.visitNames { reading.see($0) }
      let names = reading.names.finish()
      let weighed = reading.dropped.finish()
      let dropped = reading.needsTurns ? try Self.byAge(weighed, in: incoming) : []
      let mark = WorkList.Scan(began: now, isTruncated: reading.names.isTruncated, census: census)
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
  /// Everything of that time is covered unless files were, or may have been, on their way back from a dead owner meanwhile.
  func conclude(_ scan: WorkList.Scan) throws(SpoolError) {
    if scan.isTruncated { return requireScan() }
    let census = try spool.ownerCensus()
    guard scan.census.dead.isEmpty, census.dead.isEmpty, scan.census.alive.isSubset(of: census.alive) else { return }
    state.withLockedValue { $0.covered = scan.began }
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
    private var hasOurs = false
    private var hasDropped = false

    init(after cursor: RawName?) {
      dropped = NameSelection(limit: Inbox.longestList / Inbox.droppedTurn, after: cursor)
    }

    /// Dropped files can only starve beside others that sort before them.
    var needsTurns: Bool { hasDropped && (hasOurs || names.isTruncated) }

    mutating func see(_ name: UnsafeBufferPointer<UInt8>) {
      switch NameKind(name) {
      case .ours: hasOurs = true
      case .dropped:
        hasDropped = true
        dropped.offer(name)
      case .unfinished, .ignored: return
      }
      names.offer(name)
    }
  }
}
