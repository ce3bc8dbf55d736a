package import Foundation

extension Spool {
  /// Counts what lies where; reads every folder once (about half a second for a million files).
  ///
  /// - Parameter now: Which UTC day counts as today.
  /// - Returns: Numbers of about one moment.
  /// - Throws: What the file system said.
  package func counts(now: Date = Date()) throws(SpoolError) -> SpoolCounts {
    var counts = SpoolCounts()
    try countIncoming(into: &counts)
    for owner in try ownerNames() where try FolderTable.identity(at: folders.path(of: "active/\(owner)"))?.isFolder == true {
      counts.active += try payloads(in: try folders.look("active/\(owner)"))
    }
    counts.ownersAlive = try ownerCensus().alive.count
    counts.deferred = try payloads(in: try folders.look("deferred"))
    counts.hold = try payloads(in: try folders.look("hold"), orBulk: true)
    let today = Day(now)
    for day in try days(of: "done") {
      let number = try payloads(in: try folders.look("done/\(day)"))
      counts.doneTotal += number
      if day == today { counts.doneToday = number }
    }
    for day in try days(of: "failed") {
      let number = try payloads(in: try folders.look("failed/\(day)"), orBulk: true)
      counts.failedTotal += number
      if day == today { counts.failedToday = number }
    }
    return counts
  }

  private func countIncoming(into counts: inout SpoolCounts) throws(SpoolError) {
    guard let incoming = try folders.look("incoming") else { return }
    var (ready, ignored, unfinished) = (0, 0, 0)
    var firstOfOurs: RawName?
    var dropped: [RawName] = []
    try incoming.visitNames { name in
      switch NameKind(name) {
      case .ours:
        ready += 1
        if firstOfOurs?.isAfter(name) ?? true { firstOfOurs = RawName(name) }
      case .dropped, .bulk:
        ready += 1
        if dropped.count < 4096 { dropped.append(RawName(name)) }
      case .unfinished: unfinished += name.elementsEqual(Self.intakeName.utf8) ? 0 : 1
      case .ignored: ignored += 1
      }
    }
    (counts.ready, counts.ignored, counts.unfinished) = (ready, ignored, unfinished)
    counts.oldestWaiting = firstOfOurs?.payloadID?.receivedAt
    for name in dropped {
      guard let since = try incoming.status(of: name)?.changedDate else { continue }
      counts.oldestWaiting = min(counts.oldestWaiting ?? since, since)
    }
  }

  private func payloads(in folder: OpenFolder?, orBulk: Bool = false) throws(SpoolError) -> Int {
    var count = 0
    try folder?.visitNames { name in
      if let id = RawName(name).payloadID, orBulk || !id.isBulk { count += 1 }
    }
    return count
  }
}
