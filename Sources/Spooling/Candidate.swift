import Glibc

/// A file in incoming/ that may be claimed, as it was when it was looked at.
struct Candidate: Sendable {
  let name: RawName
  let status: FileStatus
  /// Open for reading; nil for what is not regular or cannot be opened.
  let file: Descriptor?

  enum Look: Sendable {
    case ready(Candidate)
    case beingWritten(FileStatus)
    /// The kernel cannot tell: only its staying unchanged can.
    case unknowable(Candidate)
    case gone
  }

  /// What its content counts in a batch: nothing where it will not be read.
  var readableBytes: Int {
    status.isRegular && status.size <= FileContent.largest && name.kind != .bulk ? status.size : 0
  }

  /// Looks at a name; opens it only when it is a regular file.
  static func look(at name: RawName, in incoming: OpenFolder) throws(SpoolError) -> Look {
    guard let status = try incoming.status(of: name) else { return .gone }
    guard status.isRegular else { return .ready(Candidate(name: name, status: status, file: nil)) }
    let opened = incoming.open(name, O_RDONLY | O_NONBLOCK)
    guard let file = opened.file else {
      switch opened.code {
      case ENOENT: return .gone
      case let code where SpoolError.isExhaustion(code): throw SpoolError(code, of: "open", at: incoming.full(name))
      // Perhaps its owner is about to give it to us, so it is not claimed as unreadable at first sight.
      default: return .unknowable(Candidate(name: name, status: status, file: nil))
      }
    }
    // Another file may have taken the name between the two calls; the next look sees that one.
    guard let now = FileContent.status(of: file), now.isSameFile(as: status) else { return .beingWritten(status) }
    switch Completeness(of: file) {
    case .complete: return .ready(Candidate(name: name, status: now, file: file))
    case .beingWritten: return .beingWritten(now)
    case .unknowable: return .unknowable(Candidate(name: name, status: now, file: file))
    }
  }
}
