package import Foundation
internal import Parsing
package import Recording
package import Spooling

/// Removes what is old: payloads with a verdict, and receipts.
///
/// Nothing that is unanswered ever goes.
/// A file goes when its whole day is older than its folder's age and everything in it has its end; what the ledger knows of it stays. It is marked
/// there first, then removed: whoever is killed in between leaves a file that the next one removes.
package struct Pruning: Sendable {
  /// How long what has its verdict is kept, at least; nil for ever.
  package struct Ages: Hashable, Sendable {
    package let done: Duration?
    package let failed: Duration?
    package let receipts: Duration?

    package init(done: Duration?, failed: Duration?, receipts: Duration?) {
      (self.done, self.failed, self.receipts) = (done, failed, receipts)
    }
  }

  /// What became of one folder, or of a day's receipts.
  package struct Entry: Hashable, Sendable {
    /// `done/2026-11-22`.
    package let path: String
    package var removed = 0
    /// Files that stay: something in them has not come to its end, or nobody knows.
    package var kept = 0
    package var isGone = false

    init(_ path: String) {
      self.path = path
    }
  }

  let spool: Spool
  let ledger: any Ledger
  let ages: Ages
  let isDry: Bool

  /// How many files are looked at at once: others write in between.
  private static let page = 256

  package init(spool: Spool, ledger: any Ledger, ages: Ages, isDry: Bool = false) {
    (self.spool, self.ledger, self.ages, self.isDry) = (spool, ledger.watched, ages, isDry)
  }

  /// Removes what is too old.
  ///
  /// - Parameters:
  ///   - now: The time (UTC).
  ///   - isStopping: Asked between pages.
  ///   - onEntry: Told of each folder that had something old.
  /// - Throws: Why it ended early; the rest is left to the next time.
  package func run(
    now: Date, isStopping: () -> Bool = { false }, onEntry: (Entry) -> Void
  ) async throws(ProcessingError) {
    for (days, age, folder) in [
      (try spoolDays { spool throws(SpoolError) in try spool.doneDays() }, ages.done, Folder.done),
      (try spoolDays { spool throws(SpoolError) in try spool.failedDays() }, ages.failed, Folder.failed),
    ] {
      for day in days where isOld(day, age, now) && !isStopping() { onEntry(try await prune(folder(day), isStopping)) }
    }
    for day in try spoolDays({ spool throws(SpoolError) in try spool.receiptDays() }) where isOld(day, ages.receipts, now) && !isStopping()
    {
      if !isDry { try doing { () throws(SpoolError) in try spool.removeReceipts(of: day) } }
      var entry = Entry("receipts/\(day).jsonl")
      (entry.removed, entry.isGone) = (1, !isDry)
      onEntry(entry)
    }
  }

  /// Whether the whole day is older.
  private func isOld(_ day: Day, _ age: Duration?, _ now: Date) -> Bool {
    guard let age else { return false }
    return day < Day(now.addingTimeInterval(-Double(age.components.seconds)))
  }

  private func prune(_ folder: Folder, _ isStopping: () -> Bool) async throws(ProcessingError) -> Entry {
    var entry = Entry("\(folder)")
    guard let pages = try doing({ () throws(SpoolError) in try spool.pages(of: folder) }) else { return entry }
    while !isStopping() {
      let page = try doing { () throws(SpoolError) in try pages.next(Self.page) }
      guard !page.isEmpty else {
        if !isDry { entry.isGone = try doing { () throws(SpoolError) in try spool.pruneFolder(folder) } }
        break
      }
      let old = try await final(try files(of: page), isStopping)
      entry.kept += page.count - old.count
      for place in old {
        if isDry {
          entry.removed += 1
          continue
        }
        CrashPoint.remove.before()
        if try doing({ () throws(SpoolError) in try spool.prune(place) }) { entry.removed += 1 }
        CrashPoint.remove.behind()
      }
    }
    return entry
  }

  /// Without the folders that somebody has dropped: they were never opened, and are not ours to empty.
  private func files(of page: [FiledPayload]) throws(ProcessingError) -> [FiledPayload] {
    var files: [FiledPayload] = []
    for place in page where try !doing({ () throws(SpoolError) in try spool.isFolder(place) }) { files.append(place) }
    return files
  }

  /// Those in which everything has its end, marked as pruned unless this is a dry run.
  private func final(_ page: [FiledPayload], _ isStopping: () -> Bool) async throws(ProcessingError) -> [FiledPayload] {
    let isDry = isDry
    // No row is about a bulk file: its lines are payloads of their own.
    let payloads = page.filter { !$0.id.isBulk }
    @Sendable func mark(_ transaction: any Transaction) throws(LedgerError) -> [Payloads.Age] {
      var (ages, hasMarked): ([Payloads.Age], Bool) = ([], false)
      for place in payloads {
        let age = try transaction.payloads.age(of: "\(place.id)", at: "\(place.folder)/\(place.id)")
        if case .final(let id) = age, !isDry {
          try transaction.payloads.prune(id)
          hasMarked = true
        }
        ages.append(age)
      }
      if hasMarked { CrashPoint.prune.inside(transaction) }
      return ages
    }
    var final: [FiledPayload] = []
    do throws(LedgerError) {
      for place in page where place.id.isBulk {
        if try await isFinal(bulk: place, isStopping) { final.append(place) }
      }
      let ages = isDry ? try await ledger.read(mark) : try await ledger.transaction(mark)
      for (place, age) in zip(payloads, ages) {
        switch age {
        case .open: continue
        case .final: final.append(place)
        case .unknown: if try await isFinal(place) { final.append(place) }
        }
      }
    } catch {
      throw .ledger(error)
    }
    return final
  }

  /// Whether everything in a file that the ledger has no row of is known to it by other files; what holds nothing has nothing open.
  private func isFinal(_ place: FiledPayload) async throws(LedgerError) -> Bool {
    let bytes: [UInt8]
    switch spool.content(of: place) {
    case .success(let read): bytes = read
    // It may be another time: what is in it nobody knows.
    case .failure(.unreadable): return false
    case .failure: return true
    }
    return try await areFinal(payload(bytes).map { [$0] } ?? [], isBulk: false)
  }

  /// The same of a bulk file, line by line: it may have been laid there by hand, and never been taken apart.
  private func isFinal(bulk place: FiledPayload, _ isStopping: () -> Bool) async throws(LedgerError) -> Bool {
    do {
      guard var reader = try spool.lines(of: place) else { return true }
      while !isStopping() {
        var (payloads, size, isAtEnd): ([ParsedPayload], Int, Bool) = ([], 0, false)
        while payloads.count < Self.page, size < 1 << 20, !isAtEnd {
          var bytes: [UInt8] = []
          isAtEnd = try reader.next { piece in if bytes.count <= FileContent.largest { bytes += piece } } == nil
          size += bytes.count
          // In what is too long or no payload is nothing that anybody could answer.
          if bytes.count <= FileContent.largest, let payload = payload(bytes) { payloads.append(payload) }
        }
        guard try await areFinal(payloads, isBulk: true) else { return false }
        if isAtEnd { return true }
      }
      return false
    } catch let error as LedgerError {
      throw error
    } catch {
      // It may be read another time: what is in it nobody knows.
      return false
    }
  }

  private func payload(_ bytes: [UInt8]) -> ParsedPayload? {
    do throws(ParseError) {
      return try ParsedPayload(bytes: bytes)
    } catch {
      return nil
    }
  }

  /// Whether the ledger knows every message of these payloads, and each has its end.
  ///
  /// One that cannot be read is never known, and nobody could answer it: it keeps no bulk file, whose lines had verdicts of their own.
  private func areFinal(_ payloads: [ParsedPayload], isBulk: Bool) async throws(LedgerError) -> Bool {
    try await ledger.read { transaction throws(LedgerError) in
      for payload in payloads {
        var messages = 0
        for event in payload.events {
          if case .message = event.content, !isBulk || event.fault == nil { messages += 1 }
        }
        let known = try ReplayJudge.known(payload, in: transaction)
        // Another file may have brought one that cannot be read in this one.
        guard known.count >= messages, known.allSatisfy({ $0.outcome != nil }) else { return false }
      }
      return true
    }
  }

  private func spoolDays(_ days: (Spool) throws(SpoolError) -> [Day]) throws(ProcessingError) -> [Day] {
    try doing { () throws(SpoolError) in try days(spool) }
  }

  private func doing<T>(_ body: () throws(SpoolError) -> T) throws(ProcessingError) -> T {
    do throws(SpoolError) {
      return try body()
    } catch {
      throw .spool(error)
    }
  }
}
