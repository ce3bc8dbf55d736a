internal import Foundation
internal import Glibc
internal import NIOConcurrencyHelpers
internal import Recording

/// A step of the table in README.md, at which a debug build can be told to die; a release build has none of it.
///
/// `REPLYD_KILL_AT` names the moment: `mark` right behind the commit of that step (behind the rename, with the answer in hand), before anything
/// else; `in.mark` after a transaction's statements, before its COMMIT; `before.send` right before a rename or something outside; `mark:3` the
/// third time.
package enum CrashPoint: String, CaseIterable, Sendable {
  case claim, record, postpone, verify, verified, generate, ask, keep, mark, send, accept, refuse, resend, wait, lose, confirm, resume
  case disconfirm
  case giveUp = "give-up"
  case end, file, note, reopen, prune, remove, hold, park, unpark, release, free, reclaim

  /// As the table's letters.
  enum Kind: String {
    case rename = "R"
    case transaction = "T"
    case outside = "O"
  }

  var kind: Kind {
    switch self {
    case .claim, .postpone, .file, .remove, .park, .unpark, .reclaim: .rename
    case .ask, .send: .outside
    case .record, .verify, .verified, .generate, .keep, .mark, .accept, .refuse, .resend, .wait, .lose, .confirm, .resume, .disconfirm,
      .giveUp, .end, .note, .reopen, .prune, .hold, .release, .free:
      .transaction
    }
  }

  /// Everything that `REPLYD_KILL_AT` may name, but for the count.
  package static var names: [String] { allCases.flatMap { point in Moment.of(point).map { "\($0.rawValue)\(point.rawValue)" } } }

  /// What is wrong with the moment that the environment names; nil when it names none, and in a release build.
  package static var complaint: String? {
    #if DEBUG
      guard let words = CrashOrder.words, CrashOrder(words) == nil else { return nil }
      return "REPLYD_KILL_AT is “\(words)”; it must be one of these, with :N behind it for the Nth time:\n  " + names.joined(separator: " ")
    #else
      return nil
    #endif
  }

  enum Moment: String, Sendable {
    case before = "before."
    case inside = "in."
    case behind = ""

    static func of(_ point: CrashPoint) -> [Moment] { point.kind == .transaction ? [.inside, .behind] : [.before, .behind] }
  }

  /// Right before a rename, or before something outside.
  func before() { reach(.before) }

  /// Right behind a rename, or with what came of something outside.
  func behind() { reach(.behind) }

  /// After a transaction's statements; what was told to die behind its commit does so where the ledger is ``Recording/Ledger/watched``.
  func inside(_ transaction: any Transaction) {
    #if DEBUG
      reach(.inside)
      if let transaction = transaction as? WatchedTransaction, transaction.order.point == self { transaction.passings.count += 1 }
    #endif
  }

  private func reach(_ moment: Moment) {
    #if DEBUG
      if let order = CrashOrder.given, order.point == self, order.moment == moment { order.pass() }
    #endif
  }
}

extension Ledger {
  /// The ledger itself, unless this process was told to die behind a commit.
  var watched: any Ledger {
    #if DEBUG
      if let order = CrashOrder.given, order.point.kind == .transaction, order.moment == .behind {
        return WatchedLedger(base: self, order: order)
      }
    #endif
    return self
  }
}

#if DEBUG
  /// When to die.
  struct CrashOrder: Sendable {
    let point: CrashPoint
    let moment: CrashPoint.Moment
    let count: Int
    private let passed = NIOLockedValueBox(0)

    /// How often it has come by.
    var passings: Int { passed.withLockedValue { $0 } }

    static let words = ProcessInfo.processInfo.environment["REPLYD_KILL_AT"].flatMap { $0.isEmpty ? nil : $0 }
    static let given = words.flatMap(CrashOrder.init)

    /// Nil when there is no such moment.
    init?(_ words: String) {
      let halves = words.split(separator: ":", omittingEmptySubsequences: false)
      guard halves.count <= 2, let count = halves.count == 2 ? Int(halves[1]) : 1, count > 0 else { return nil }
      for point in CrashPoint.allCases {
        for moment in CrashPoint.Moment.of(point) where moment.rawValue + point.rawValue == halves[0] {
          (self.point, self.moment, self.count) = (point, moment, count)
          return
        }
      }
      return nil
    }

    /// Comes by; with the count, that is the end.
    func pass() {
      let number = passed.withLockedValue { passed in
        passed += 1
        return passed
      }
      guard number == count else { return }
      kill(getpid(), SIGKILL)
      // Nothing of this thread may happen any more.
      while true { pause() }
    }
  }

  /// A ledger behind whose commits the process may have to die.
  struct WatchedLedger: Ledger {
    let base: any Ledger
    let order: CrashOrder

    func transaction<T: Sendable>(
      _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
    ) async throws(LedgerError) -> T {
      let order = order
      let (value, passings) = try await base.transaction { transaction throws(LedgerError) in
        let watched = WatchedTransaction(base: transaction, order: order)
        return (try body(watched), watched.passings.count)
      }
      for _ in 0..<passings { order.pass() }
      return value
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T) async throws(LedgerError) -> T {
      try await base.read(body)
    }

    func close() async { await base.close() }
  }

  /// A transaction that notes how often the step was in it.
  struct WatchedTransaction: Transaction {
    final class Passings {
      var count = 0
    }

    let base: any Transaction
    let order: CrashOrder
    let passings = Passings()

    func execute(_ statement: String, _ values: [Value]) throws(LedgerError) -> Int { try base.execute(statement, values) }

    func query(_ statement: String, _ values: [Value]) throws(LedgerError) -> [Row] { try base.query(statement, values) }
  }
#endif
