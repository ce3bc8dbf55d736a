package import Deciding
package import Foundation
internal import Parsing
package import Recording
package import Spooling

/// Runs files again, or says what that would do: both by the same decisions, taken from the same facts, file by file.
///
/// A file's turns are opened in one transaction with the facts that decide about them; then the file goes back to incoming/. What would be refused
/// stays as it is. Whoever is stopped or killed in between leaves a turn that runs, with its file in failed/ or incoming/; a second replay, at
/// the same time or later, finds what the first has opened under way.
package struct Replay: Sendable {
  /// Which files are asked for, beside the one at hand: of a conversation's turns all that are asked for are opened together.
  enum Choice: Sendable {
    case files(names: Set<String>, turns: Set<String>)
    case matching(ReplaySelection)
  }

  /// One file.
  package enum Subject: Hashable, Sendable {
    case filed(FiledPayload)
    /// One outside the spool: it is copied in when something of it is to be run.
    case outside(path: String, bytes: [UInt8])
  }

  let spool: Spool
  let ledger: any Ledger
  /// Whether nothing is to be touched.
  package let isDry: Bool
  /// Whether to send again what may have arrived.
  package let resends: Bool
  /// As the processors have it.
  let patience: Patience
  /// The same; an agent's own counts before it.
  let quietPeriod: Duration
  private(set) var choice: Choice
  private(set) var books = ReplayBooks()

  /// - Parameters:
  ///   - spool: Where the files are.
  ///   - ledger: Where their messages are known.
  ///   - isDry: Whether nothing is to be touched.
  ///   - resends: Whether to send again what may have arrived.
  ///   - patience: As it is set for the processors that will run them.
  ///   - quietPeriod: The same; an agent's own counts before it.
  ///   - selection: Which of the failed files are asked for; nil where they are named, by ``choose(_:)``.
  package init(
    spool: Spool, ledger: any Ledger, isDry: Bool = false, resends: Bool = false, patience: Patience = Patience(),
    quietPeriod: Duration = .seconds(2), selection: ReplaySelection? = nil
  ) {
    (self.spool, self.ledger, self.isDry, self.resends, self.patience) = (spool, ledger.watched, isDry, resends, patience)
    self.quietPeriod = quietPeriod
    choice = selection.map(Choice.matching) ?? .files(names: [], turns: [])
  }

  /// Notes which turns named files are about, before the first of them is run.
  package mutating func choose(_ subject: Subject) async throws(ProcessingError) {
    if case .filed = subject, !subject.isFailed { return }
    guard case .files(var names, var turns) = choice, case .success(let payload) = self.payload(of: subject) else { return }
    if let id = subject.id { names.insert("\(id)") }
    turns.formUnion(
      try await read { transaction throws(LedgerError) in
        try ReplayJudge.known(payload, in: transaction).compactMap(\.turnID)
      })
    choice = .files(names: names, turns: turns)
  }

  /// Runs one file again, or says what that would do.
  ///
  /// - Parameters:
  ///   - subject: The file.
  ///   - now: When it runs (UTC); in a dry run, when it would.
  /// - Returns: What became of it.
  /// - Throws: Why nothing, or not all, was done; the same call may be made again.
  package mutating func run(_ subject: Subject, at now: Date) async throws(ProcessingError) -> ReplayedFile {
    let path: String
    switch subject {
    case .outside(let outside, _): path = outside
    case .filed(let place):
      path = place.path
      switch place.folder {
      case .done: return ReplayedFile(path, .skipped, ReplayReason.answered.rawValue)
      case .incoming, .active, .deferred: return ReplayedFile(path, .skipped, ReplayReason.underWay.rawValue)
      case .hold: return ReplayedFile(path, .refused, ReplayReason.held.rawValue)
      case .failed: break
      }
      // Its lines are payloads of their own.
      if place.id.isBulk { return try put(subject, back: ReplayedFile(path, .recorded), wasOpened: false) }
    }
    let payload: ParsedPayload
    switch self.payload(of: subject) {
    case .success(let parsed): payload = parsed
    case .failure(let reason):
      guard case .filed(let place) = subject, !spool.isThere(place) else { return ReplayedFile(path, .refused, reason.code) }
      return try await moved(place)
    }
    let judged = try await judge(payload, of: subject, at: now)
    books.enter(judged.page)
    let file = ReplayedFile(path, judged.parts, along: judged.along)
    guard file.outcome == .sent || file.outcome == .recorded else { return file }
    return try put(subject, back: file, wasOpened: judged.hasOpened)
  }

  /// What is said of a file that is not where it lay any more.
  private mutating func moved(_ place: FiledPayload) async throws(ProcessingError) -> ReplayedFile {
    let replay = self
    let (parts, page) = try await read { transaction throws(LedgerError) -> ([ReplayedFile.Part], ReplayBooks.Page) in
      var judge = ReplayJudge(of: replay, in: transaction, now: Date())
      return (try judge.parts(ofMoved: "\(place.id)"), judge.page)
    }
    self.books.enter(page)
    return parts.isEmpty ? ReplayedFile(place.path, .skipped, ReplayReason.underWay.rawValue) : ReplayedFile(place.path, parts)
  }

  private struct Judged: Sendable {
    var parts: [ReplayedFile.Part]
    var along: [String]
    var page: ReplayBooks.Page
    var hasOpened: Bool
  }

  /// Decides about one file and, unless this is a dry run, opens its turns in the same transaction.
  private func judge(_ payload: ParsedPayload, of subject: Subject, at now: Date) async throws(ProcessingError) -> Judged {
    let replay = self
    @Sendable func judge(_ transaction: any Transaction) throws(LedgerError) -> Judged {
      var judge = ReplayJudge(of: replay, in: transaction, now: now)
      let parts = try judge.parts(of: payload, receivedAt: subject.id?.receivedAt ?? now, isFailed: subject.isFailed)
      let along = try judge.along()
      if !replay.isDry { try judge.open() }
      return Judged(parts: parts, along: along, page: judge.page, hasOpened: judge.hasOpened)
    }
    guard !isDry else { return try await read(judge) }
    do throws(LedgerError) {
      return try await ledger.transaction(judge)
    } catch {
      throw .ledger(error)
    }
  }

  /// Puts what runs into incoming/; a failed file whose turn was opened may be answered and filed by a running process before we come to it.
  private func put(_ subject: Subject, back file: ReplayedFile, wasOpened: Bool) throws(ProcessingError) -> ReplayedFile {
    guard !isDry else { return file }
    var file = file
    do throws(SpoolError) {
      switch subject {
      case .filed(let place): file.name = "\(try spool.requeue(place))"
      case .outside(let path, let bytes):
        let name = path.split(separator: "/").last.map(String.init)
        file.name = "\(try spool.dropCopy(of: bytes, named: name, receivedAt: Date()))"
      }
    } catch {
      guard case .missing = error else { throw .spool(error) }
      // Another replay was faster.
      if !wasOpened { return ReplayedFile(file.path, .skipped, ReplayReason.underWay.rawValue) }
    }
    return file
  }

  private func payload(of subject: Subject) -> Result<ParsedPayload, ReplayFault> {
    let bytes: [UInt8]
    switch subject {
    case .outside(_, let read): bytes = read
    case .filed(let place):
      switch spool.content(of: place) {
      case .success(let read): bytes = read
      case .failure(let fault): return .failure(ReplayFault(code: fault.reason))
      }
    }
    do throws(ParseError) {
      return .success(try ParsedPayload(bytes: bytes))
    } catch {
      return .failure(ReplayFault(code: error.reason))
    }
  }

  private func read<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(ProcessingError) -> T {
    do throws(LedgerError) {
      return try await ledger.read(body)
    } catch {
      throw .ledger(error)
    }
  }
}

/// Why a file holds no events, by its bounded reason.
private struct ReplayFault: Error {
  let code: String
}

extension Replay.Subject {
  /// Its name, where it can keep it.
  fileprivate var id: PayloadID? {
    switch self {
    case .filed(let place): place.id
    case .outside(let path, _): path.split(separator: "/").last.flatMap { PayloadID(String($0)) }
    }
  }

  fileprivate var isFailed: Bool {
    guard case .filed(let place) = self, case .failed = place.folder else { return false }
    return true
  }
}
