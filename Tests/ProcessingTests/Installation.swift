import Foundation
import Glibc
import Logging
import Processing
import Recording
import Spooling
import Testing

/// A whole installation in a folder of its own: spool, ledger, one user with one number, an agent, credits.
struct Installation: Sendable {
  static let number = "100000000000001"
  static let token = "EAAG-access-token-of-the-test"

  let folder: String
  let spool: Spool
  let ledger: SQLiteLedger
  let key: SecretKey
  let account: String
  let channel: String
  let platform = Platform()

  var database: String { folder + "/data/replyd.db" }

  /// A processor on this spool; unless told otherwise its replies and sends go to `platform`.
  func processor(
    ledger: (any Ledger)? = nil,
    responder: ResponderDouble? = nil,
    sender: SenderDouble? = nil,
    sentry: any Sentry = IdleSentry(),
    herald: any Herald = SilentHerald(),
    logger: Logger = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() }),
    clock: HandClock? = nil,
    uptime: HandClock? = nil,
    _ adjust: (inout Processor.Options) -> Void = { _ in }
  ) -> Processor {
    var options = Processor.Options()
    options.quietPeriod = .zero
    // Whoever tests the pace sets it.
    options.channelRate = 0
    adjust(&options)
    let start = ContinuousClock.now
    return Processor(
      spool: spool,
      ledger: ledger ?? self.ledger,
      responder: responder ?? platform.responder(),
      sender: sender ?? platform.sender(),
      secretKey: key,
      options: options,
      sentry: sentry,
      herald: herald,
      logger: logger,
      now: { clock?.now ?? Date() },
      uptime: { uptime.map { .seconds($0.now.timeIntervalSince1970) } ?? .now - start }
    )
  }

  /// Works until nothing is left.
  @discardableResult
  func run(responder: ResponderDouble? = nil, sender: SenderDouble? = nil) async throws -> Processor.Report {
    try await processor(responder: responder, sender: sender).runOnce()
  }

  // MARK: The spool

  /// Puts a file into incoming/ by one rename, as `mv` does.
  func drop(_ content: String, as name: String) throws {
    let draft = spool.path + "/tmp/\(UUID().uuidString)"
    try Data(content.utf8).write(to: URL(fileURLWithPath: draft))
    try move(draft, to: spool.path + "/incoming/" + name)
  }

  /// Runs files again as `replyd replay` does, or says what that would do.
  func replay(
    _ names: [String], resends: Bool = false, isDry: Bool = false, quietPeriod: Duration = .zero, at now: Date = Date()
  ) async throws -> [ReplayedFile] {
    var replay = Replay(spool: spool, ledger: ledger, isDry: isDry, resends: resends, quietPeriod: quietPeriod)
    let places = try names.compactMap { try spool.locate($0).last }
    for place in places { try await replay.choose(.filed(place)) }
    var files: [ReplayedFile] = []
    for place in places { files.append(try await replay.run(.filed(place), at: now)) }
    return files
  }

  func move(_ from: String, to: String) throws {
    guard rename(from, to) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  /// Where a name lies, as a full path.
  func path(of name: String) throws -> String {
    try spool.locate(name).last?.path ?? "nowhere"
  }

  func text(of name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: try path(of: name))), as: UTF8.self)
  }

  /// The names in the spool but locks, sorted: `done/x.json` whatever the day, `active/x.json` whoever the owner.
  func tree() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: spool.path).compactMap { path in
      let parts = path.split(separator: "/")
      guard let first = parts.first, let last = parts.last, last != "lock", last != ".intake" else { return nil }
      switch first {
      case "done", "failed": return parts.count == 3 ? "\(first)/\(last)" : nil
      case "active": return parts.count == 3 ? "active/\(last)" : nil
      default: return parts.count == 2 ? path : nil
      }
    }.sorted()
  }

  func owners() throws -> [String] { try spool.ownerNames() }

  func reason(of name: String) throws -> ReasonFile? {
    try spool.failures().first { "\($0.payload.id)" == name }?.reason
  }

  // MARK: The ledger

  func sql(_ statement: String) async throws {
    _ = try await ledger.transaction { transaction throws(LedgerError) in try transaction.execute(statement, []) }
  }

  func rows(_ query: String) async throws -> [Row] {
    try await ledger.read { transaction throws(LedgerError) in try transaction.query(query, []) }
  }

  func balance() async throws -> Int? {
    let account = account
    return try await ledger.read { transaction throws(LedgerError) in try transaction.credits.balance(of: account) }
  }

  func add(credits: Int, wakes: Bool = false) async throws {
    let account = account
    _ = try await ledger.transaction { transaction throws(LedgerError) in
      try transaction.credits.add(credits, to: account, wakes: wakes, at: Date())
    }
  }

  /// Every turn as `state`, or `state reason`, oldest first.
  func turns() async throws -> [String] {
    try await rows("SELECT * FROM turn ORDER BY created_at, id").map { row in
      [row.text("state"), row.optionalText("reason")].compactMap(\.self).joined(separator: " ")
    }
  }

  /// Every message's outcome, with its reason, by its provider's id.
  func outcomes() async throws -> [String: String] {
    let pairs = try await rows("SELECT * FROM message").map { row in
      let words = [row.optionalText("outcome") ?? "open", row.optionalText("reason")].compactMap(\.self)
      return (row.text("provider_id"), words.joined(separator: " "))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The kinds of all credit entries but what was added, sorted.
  func entries() async throws -> [String] {
    try await rows("SELECT kind FROM credit_entry WHERE kind <> 'added' ORDER BY kind").map { $0.text("kind") }
  }

  func payload(_ name: String) async throws -> PayloadRecord? {
    try await ledger.read { transaction throws(LedgerError) in try transaction.payloads.newest(named: name) }
  }

  /// Makes all that waits for its time due at once; gates whose time is all that keeps them shut are open.
  func makeDue() async throws {
    try await sql("UPDATE gate SET not_before = 1000 WHERE alert IS NULL")
    try await sql("UPDATE turn SET due_at = 1000 WHERE due_at IS NOT NULL AND state <> 'unconfirmed'")
    try await sql("UPDATE conversation SET due_at = 1000 WHERE due_at IS NOT NULL")
  }

  /// Lets the time be over in which the platform may speak of what it was sent.
  func endGrace() async throws {
    try await sql("UPDATE turn SET due_at = 1000 WHERE state = 'unconfirmed'")
  }
}

/// Makes an installation, and removes it afterwards; a reply costs one credit.
///
/// Whatever the test does, the books must hold after it, unless it has changed them by hand.
func withInstallation(
  credits: Int = 10, hasAgent: Bool = true, isVerified: Bool = true, changesBooks: Bool = false, _ body: (Installation) async throws -> Void
) async throws {
  // A writer that opens a file in the moment of our lease sends this signal, and its default ends the test process.
  signal(SIGIO, SIG_IGN)
  let folder = "/tmp/replyd-processing-\(UUID().uuidString)"
  // What a failed test leaves in /tmp harms nobody.
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let spool = try Spool(at: folder + "/spool")
  let ledger = try SQLiteLedger(path: folder + "/data/replyd.db")
  guard let key = SecretKey(hex: String(repeating: "5a", count: 32)) else { preconditionFailure("64 hex digits are a key") }
  let (account, channel) = try await ledger.transaction { transaction throws(LedgerError) in
    let now = Date()
    try transaction.settings.bind(to: key)
    let account = try transaction.accounts.add(email: "ana@example.org", name: "Ana", companyName: nil, key: .fresh(), at: now)
    let channel = try transaction.channels.add(
      account: account,
      platform: "whatsapp",
      addressID: Installation.number,
      displayName: "Padaria",
      sealedToken: try key.seal(Installation.token),
      at: now
    )
    guard let channel else { throw .failed(detail: "the first channel") }
    if isVerified { try transaction.channels.verify(channel, at: now) }
    if hasAgent { _ = try transaction.agents.add(channel: channel, name: "Balcão", responder: .scripted, at: now) }
    if credits > 0 { _ = try transaction.credits.add(credits, to: account, at: now) }
    return (account, channel)
  }
  let installation = Installation(folder: folder, spool: spool, ledger: ledger, key: key, account: account, channel: channel)
  do {
    try await body(installation)
    if !changesBooks { _ = try await Audit(ledger).run { Issue.record("\($0): \($0.message)") } }
  } catch {
    await ledger.close()
    throw error
  }
  await ledger.close()
}
