internal import Dispatch
internal import Foundation
internal import GRDB
internal import Glibc
internal import NIOConcurrencyHelpers
internal import Synchronization

/// The ledger on SQLite: one file in WAL mode, each commit synced, writers grouped on a thread of its own.
///
/// A crash at any point leaves the last commit that was answered, and nothing of what was not.
package final class SQLiteLedger: Ledger {
  private struct State {
    var waiting: [any Member] = []
    var isClosed = false
    var whenEnded: [CheckedContinuation<Void, Never>] = []
    var hasEnded = false
  }

  private let pool: DatabasePool
  private let state = NIOLockedValueBox(State())
  private let knock = DispatchSemaphore(value: 0)
  private let tally = SQLiteTransaction.Tally()

  /// At most so many transactions share a commit, so that none waits for a long row of others.
  private static let groupLimit = 256

  /// Opens the ledger, made with its folder and tables when missing.
  ///
  /// - Parameter path: The file; its folder holds the turnstile's two locks too.
  /// - Throws: `.newerSchema`, `.unwritable`, `.busy`, `.corrupt`, `.notDurable`.
  package init(path: String) throws(LedgerError) {
    let folder = (path as NSString).deletingLastPathComponent
    try SQLiteLedger.makePrivate(folder: folder.isEmpty ? "." : folder, file: path)
    let turnstile = try Turnstile(in: folder.isEmpty ? "." : folder)
    try turnstile.enter()
    defer { turnstile.leave() }
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      configuration.label = "ledger"
      pool = try DatabasePool(path: path, configuration: configuration)
      try SQLiteSchema.migrate(pool)
      // GRDB sets NORMAL when it turns WAL on, so this must come after it. What a savepoint may have to undo, SQLite would write to a file.
      try pool.writeWithoutTransaction { database in
        // A group of many conversations changes a thousand pages: all of them fit, and most are changed again before they are written back.
        try database.execute(
          sql: """
            PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;
            PRAGMA wal_autocheckpoint = 4000
            """)
      }
    } catch {
      let translated = LedgerError(sqlite: error)
      if case .unwritable(_, let detail) = translated { throw .unwritable(path: path, detail: detail) }
      throw translated
    }
    let synchronous = try pragma("synchronous")
    guard synchronous == 2 else { throw .notDurable(synchronous: synchronous) }
    let writer = try Turnstile(in: folder.isEmpty ? "." : folder)
    start(with: writer)
  }

  /// How many commits, one sync each, and statements there were since it was opened.
  package var counts: (commits: Int, statements: Int) {
    (tally.commits.load(ordering: .relaxed), tally.statements.load(ordering: .relaxed))
  }

  /// How many transactions wait for a commit that has not begun.
  var waitingCount: Int { state.withLockedValue(\.waiting.count) }

  /// What the connection that writes says of one of its settings.
  package func pragma(_ name: String) throws(LedgerError) -> Int {
    do {
      return try pool.writeWithoutTransaction { database in try Int.fetchOne(database, sql: "PRAGMA \(name)") ?? -1 }
    } catch {
      throw LedgerError(sqlite: error)
    }
  }

  package func transaction<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(LedgerError) -> T {
    let result: Result<T, LedgerError> = await withCheckedContinuation { continuation in
      let member = Waiter(body: body, continuation: continuation)
      let isClosed = state.withLockedValue { state in
        if !state.isClosed { state.waiting.append(member) }
        return state.isClosed
      }
      if isClosed { member.conclude(.closed) } else { knock.signal() }
    }
    return try result.get()
  }

  package func read<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(LedgerError) -> T {
    guard !state.withLockedValue(\.isClosed) else { throw .closed }
    let result: Result<T, LedgerError> = await withCheckedContinuation { continuation in
      pool.asyncRead { [tally] opened in
        do {
          continuation.resume(returning: .success(try body(SQLiteTransaction(database: try opened.get(), tally: tally))))
        } catch {
          continuation.resume(returning: .failure(LedgerError(sqlite: error)))
        }
      }
    }
    return try result.get()
  }

  package func close() async {
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLockedValue { state in
        state.isClosed = true
        if !state.hasEnded { state.whenEnded.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() } else { knock.signal() }
    }
  }

  private static func makePrivate(folder: String, file: String) throws(LedgerError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .unwritable(path: folder, detail: "its folder cannot be made")
    }
    var status = stat()
    if stat(file, &status) == 0, status.st_uid != geteuid() {
      let user = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(status.st_uid)"
      throw .foreign(owner: user, path: file)
    }
    // Made here so that it is ours alone from its first byte; SQLite gives its log files the same rights.
    let descriptor = Glibc.open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ENOSPC ? .full : .unwritable(path: file, detail: String(cString: strerror(code)))
    }
    Glibc.close(descriptor)
  }
}

// MARK: - The thread that commits

extension SQLiteLedger {
  private func start(with turnstile: consuming Turnstile) {
    let held = Held(turnstile: turnstile)
    let thread = Thread { [self] in
      while let members = next() { commit(members, through: held) }
      // What is closed here has no transaction under way; an error would change nothing for a ledger that ends.
      try? pool.close()
      let waiting = state.withLockedValue { state in
        state.hasEnded = true
        defer { state.whenEnded = [] }
        return state.whenEnded
      }
      for continuation in waiting { continuation.resume() }
    }
    thread.name = "ledger"
    thread.start()
  }

  /// Waits for members; nil once the ledger is closed and nothing is left.
  private func next() -> [any Member]? {
    while true {
      knock.wait()
      let (members, hasMore, isClosed) = state.withLockedValue { state in
        let members = Array(state.waiting.prefix(SQLiteLedger.groupLimit))
        state.waiting.removeFirst(members.count)
        return (members, !state.waiting.isEmpty, state.isClosed)
      }
      if hasMore || isClosed { knock.signal() }
      if !members.isEmpty { return members }
      if isClosed { return nil }
    }
  }

  private func commit(_ members: [any Member], through held: Held) {
    var failure: LedgerError?
    do throws(LedgerError) {
      try held.turnstile.enter()
      defer { held.turnstile.leave() }
      try run(members)
    } catch {
      failure = error
    }
    for member in members { member.conclude(failure) }
  }

  /// Runs them in one transaction without savepoints, and once more with them where one of them throws: that is seldom, and each savepoint
  /// costs a copy of every page that changes in it.
  private func run(_ members: [any Member]) throws(LedgerError) {
    do {
      try pool.writeWithoutTransaction { database in
        let transaction = SQLiteTransaction(database: database, tally: tally)
        let areAllWell = try commit(in: transaction) { () throws(LedgerError) in
          for member in members where try !member.run(in: transaction) { return false }
          return true
        }
        if areAllWell { return }
        _ = try commit(in: transaction) { () throws(LedgerError) in
          for member in members { try member.runInSavepoint(of: transaction) }
          return true
        }
      }
    } catch {
      throw LedgerError(sqlite: error)
    }
  }

  /// Commits what `body` does, or nothing of it where it says false or throws.
  private func commit(in transaction: SQLiteTransaction, _ body: () throws(LedgerError) -> Bool) throws(LedgerError) -> Bool {
    try transaction.execute("BEGIN IMMEDIATE")
    do throws(LedgerError) {
      let isWell = try body()
      try transaction.execute(isWell ? "COMMIT" : "ROLLBACK")
      if isWell { tally.commits.add(1, ordering: .relaxed) }
      return isWell
    } catch {
      // SQLite may have rolled back by itself (disk full); then this says so and changes nothing.
      if transaction.database.isInsideTransaction { try? transaction.database.execute(sql: "ROLLBACK") }
      throw error
    }
  }

  /// Carries the turnstile into the thread.
  private final class Held: Sendable {
    let turnstile: Turnstile

    init(turnstile: consuming Turnstile) {
      self.turnstile = turnstile
    }
  }
}

/// One caller that waits for a commit.
private protocol Member: AnyObject, Sendable {
  /// Runs the body; false when it threw, and then all that was done in the transaction is to be undone; throws when that has happened already.
  func run(in transaction: SQLiteTransaction) throws(LedgerError) -> Bool
  /// Runs the body; what it throws is undone and kept, and throws only when the whole transaction is lost with it.
  func runInSavepoint(of transaction: SQLiteTransaction) throws(LedgerError)
  /// Answers the caller: with `failure` when the commit failed, else with what the body gave.
  func conclude(_ failure: LedgerError?)
}

/// `@unchecked Sendable`: after it was handed over, only the ledger's thread touches `outcome`.
private final class Waiter<T: Sendable>: Member, @unchecked Sendable {
  private let body: @Sendable (any Transaction) throws(LedgerError) -> T
  private let continuation: CheckedContinuation<Result<T, LedgerError>, Never>
  private var outcome: Result<T, LedgerError>?

  init(
    body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T, continuation: CheckedContinuation<Result<T, LedgerError>, Never>
  ) {
    (self.body, self.continuation) = (body, continuation)
  }

  func run(in transaction: SQLiteTransaction) throws(LedgerError) -> Bool {
    do throws(LedgerError) {
      outcome = .success(try body(transaction))
      return true
    } catch {
      outcome = .failure(error)
      guard transaction.database.isInsideTransaction else { throw error }
      return false
    }
  }

  func runInSavepoint(of transaction: SQLiteTransaction) throws(LedgerError) {
    try transaction.execute("SAVEPOINT member")
    do throws(LedgerError) {
      outcome = .success(try body(transaction))
    } catch {
      outcome = .failure(error)
      guard transaction.database.isInsideTransaction else { throw error }
      try transaction.execute("ROLLBACK TO member")
    }
    try transaction.execute("RELEASE member")
  }

  func conclude(_ failure: LedgerError?) {
    if let failure {
      continuation.resume(returning: .failure(failure))
    } else {
      continuation.resume(returning: outcome ?? .failure(.closed))
    }
  }
}
