/// What a journal tells beside its answers; nothing that was acknowledged is lost by any of these but `damaged` and `spoilt`.
package enum JournalTrouble: Hashable, Sendable {
  /// A group could not be made durable: those who waited were refused, and its segment is never used again.
  case notWritten(SpoolError)
  /// Acknowledged payloads cannot be made files. Told once; they wait in the journal and are tried again and again.
  case notFiled(SpoolError)
  /// They can again.
  case filedAgain
  /// The spool's file system could not be synced: what it was to cover stays in the journal until the next start, which writes it again.
  case notSynced(SpoolError)
  /// A segment that is done with could not be removed; the next start removes it.
  case notRemoved(SpoolError)
  /// So many acknowledged groups of the segment at `path` cannot be read any more.
  case damaged(path: String, groups: Int)
  /// The segment at `path` has lost its header, or its end: perhaps acknowledged groups, too.
  case spoilt(path: String)
  /// The last group of the segment at `path` is not whole.
  case torn(path: String)
  /// A part of the segment at `path`, or all of it, cannot be read now; the next start tries that again.
  case unreadable(path: String, SpoolError)
  /// The segment at `path` is of a newer version of this program.
  case newer(path: String)
  /// A payload was acknowledged longer ago than Meta tries again, so it is not brought back.
  case tooOld(PayloadID)

  /// Names the case; bounded, fit for a metric's label.
  package var reason: String {
    switch self {
    case .notWritten: "journal.not_written"
    case .notFiled: "journal.not_filed"
    case .filedAgain: "journal.filed_again"
    case .notSynced: "journal.not_synced"
    case .notRemoved: "journal.not_removed"
    case .damaged: "journal.damaged"
    case .spoilt: "journal.spoilt"
    case .torn: "journal.torn"
    case .unreadable: "journal.unreadable"
    case .newer: "journal.newer"
    case .tooOld: "journal.too_old"
    }
  }

  /// Whether it is told for completeness, and nothing is wrong.
  package var isHarmless: Bool {
    switch self {
    case .filedAgain, .torn: true
    case .notWritten, .notFiled, .notSynced, .notRemoved, .damaged, .spoilt, .unreadable, .newer, .tooOld: false
    }
  }

  /// Says what happened, in one sentence.
  package var message: String {
    switch self {
    case .notWritten(let error), .notFiled(let error), .notSynced(let error), .notRemoved(let error): error.message
    case .unreadable(_, let error): "\(error.message) What can be read of the segment is brought back, the rest is not."
    case .filedAgain: "Acknowledged payloads become files again."
    case .damaged(let path, let groups): "\(groups) groups of acknowledged payloads in \(path) cannot be read any more."
    case .spoilt(let path): "\(path) has lost its head or its end, perhaps with acknowledged payloads."
    case .torn(let path): "The last group in \(path) is not whole, and was not brought back."
    case .newer(let path): "\(path) was written by a newer version of replyd."
    case .tooOld(let id): "\(id) was acknowledged more than seven days ago and was not brought back."
    }
  }

  /// Says what the operator should do.
  package var advice: String {
    switch self {
    case .notWritten(let error), .notFiled(let error), .notRemoved(let error): error.advice
    case .unreadable(_, let error): "\(error.advice) The segment stays, and each start tries again."
    case .notSynced:
      "Look at df -h, at dmesg and at the disk's health; when it is well, restart replyd: payloads that may not be on the disk are in the "
        + "journal, and its start writes them again."
    case .filedAgain: "Nothing."
    case .torn:
      "Nothing, after a crash: as a rule that has cut it while it was written, and nobody was told that it was taken. The segment lies beside as "
        + "last.torn, until there is another."
    case .damaged, .spoilt: "Look into dmesg and at the disk's health. What is left of the segment stays beside it, as *.damaged."
    case .newer: "Start the newer version once more, so that it brings back what is in the segment."
    case .tooOld: "Its segment lies in journal/ as *.seg.old. The receipts of that day tell more; remove the segment when nobody needs it."
    }
  }
}
