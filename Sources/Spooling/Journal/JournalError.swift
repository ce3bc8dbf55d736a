/// Why a payload was not taken into the journal: it is not acknowledged.
package enum JournalError: Error, Hashable, Sendable {
  /// Free space or inodes at `path` are under their floor, or used up.
  case full(path: String)
  /// So many bytes are acknowledged and not files yet that no more are taken.
  case backlog(bytes: Int)
  /// The disk refused the write or the sync; the payload may be in the journal all the same.
  case failed(SpoolError)
  /// The payload is longer than a segment.
  case tooLarge(bytes: Int)
  /// The journal takes nothing more: the process ends.
  case closed

  /// An error of the disk, as the one who waited for it hears of it.
  init(_ error: SpoolError) {
    switch error {
    case .full(let path): self = .full(path: path)
    default: self = .failed(error)
    }
  }

  /// Names the case; bounded, fit for a metric's label.
  package var reason: String {
    switch self {
    case .full: "journal.full"
    case .backlog: "journal.backlog"
    case .failed: "journal.failed"
    case .tooLarge: "journal.too_large"
    case .closed: "journal.closed"
    }
  }

  /// Whether the same payload may be taken later without a change of the set-up.
  package var isTemporary: Bool {
    switch self {
    case .full, .backlog, .closed: true
    case .failed(let error): error.isTemporary
    case .tooLarge: false
    }
  }

  /// Says what happened, in one sentence.
  package var message: String {
    switch self {
    case .full(let path): "Free space or inodes are under their floor at \(path)."
    case .backlog(let bytes): "\(bytes) acknowledged bytes wait to be made files; no more are taken."
    case .failed(let error): error.message
    case .tooLarge(let bytes): "The payload takes \(bytes) bytes; that is more than a segment of the journal holds."
    case .closed: "The journal is closed: the process ends."
    }
  }

  /// Says what the operator should do.
  package var advice: String {
    switch self {
    case .full: "Free space or inodes: df -h and df -i name the file system. Work goes on by itself."
    case .backlog: "Look whether the spool's disk is full or slow. Work goes on by itself."
    case .failed(let error): error.advice
    case .tooLarge: "Raise the segments' size, or lower the limit on a request's body."
    case .closed: "Send it again when the process has started again."
    }
  }
}
