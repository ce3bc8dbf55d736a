import Foundation
import Recording
import Spooling
import Testing

/// What the ledger, the spool and the stand-in say when nothing is left to do, read by statements of its own, and what in it cannot be.
struct ProcessBooks {
  /// What was done to the processors.
  struct Story: Sendable {
    /// What was written, by the message's id.
    var letters: [String: Letter] = [:]
    /// The payloads that were put into incoming/.
    var files: Set<String> = []
    /// Messages of ours that the platform has said it could not deliver.
    var undelivered: Set<String> = []
    /// Messages of ours of which it has said that they were sent.
    var told: Set<String> = []
    /// Replies that were kept when a processor died, by their turn.
    var kept: [String: String] = [:]
  }

  private struct Account {
    var parts: [Int: Letter.Part] = [:]
    var told: Set<Int> = []
    var charges = 0
    var tokens: Set<String> = []
    var customers: Set<String> = []

    var name: String { tokens.sorted().joined(separator: " ") }
  }

  /// What all of it came to.
  struct Tally {
    /// Conversations that turned out to be another one's.
    var joined = 0
    var (messages, answered, unknown) = (0, 0, 0)
    var (replies, unknownTurns, arrived, charges, parts) = (0, 0, 0, 0, 0)
  }

  private(set) var tally = Tally()
  private(set) var faults: [String] = []
  /// Turns that have ended without an answer, and whose messages went on in another one.
  private(set) var emptied: Set<String> = []
  private let messages, turns, entries, payloads, joins, odd: [Row]
  private let balance, total: Int
  private let sent: [Workplace.Sent.Message]

  init(of place: Workplace) async throws {
    let user = place.user
    (messages, turns, entries, payloads, joins, odd, balance, total) = try await place.ledger { transaction throws(LedgerError) in
      (
        try transaction.query("SELECT provider_id, outcome, reason, turn_id FROM message", []),
        try transaction.query("SELECT id, state, reason, reply FROM turn", []),
        try transaction.query("SELECT turn_id, attempt, kind, amount FROM credit_entry WHERE turn_id IS NOT NULL", []),
        try transaction.query("SELECT name, verdict, reason, is_filed, filed_as FROM payload", []),
        try transaction.query("SELECT id FROM conversation WHERE is_joined = 1", []),
        try transaction.query(
          """
          SELECT 'conversation' AS kind, id FROM conversation WHERE lease_owner IS NOT NULL OR due_at IS NOT NULL
          UNION ALL SELECT 'send', id FROM send WHERE state = 'sending'
          UNION ALL SELECT 'join of', id FROM conversation WHERE joins_id IS NOT NULL AND is_joined = 0
          UNION ALL SELECT 'account', id FROM account WHERE balance <> (SELECT SUM(amount) FROM credit_entry WHERE account_id = account.id)
          """, []),
        try transaction.query("SELECT balance FROM account WHERE id = ?1", [.text(user)]).first?.integer("balance") ?? -1,
        try transaction.query("SELECT SUM(amount) AS total FROM credit_entry WHERE kind = 'added'", []).first?.integer("total") ?? -1
      )
    }
    sent = try await place.sentMessages()
  }

  /// Proves that every message was answered once or is told as unknown, that each was paid for once, and that the folders say the same.
  mutating func prove(_ story: Story, in spool: Spool) {
    let accounts = accounts(story)
    tally.joined = joins.count
    proveClosed()
    for turn in turns { prove(turn, accounts[turn.text("id")] ?? Account(), story) }
    check(tally.messages == tally.answered + tally.unknown, "messages are neither answered nor unknown")
    check(tally.charges == tally.replies + tally.unknownTurns, "the charges are not those of the replies and of what is unknown")
    check(balance == total - tally.charges, "the balance is \(balance)")
    for row in odd { check(false, "\(row.text("kind")) \(row.text("id")) is not at rest") }
    proveFiles(story.files, in: spool)
  }

  private mutating func check(_ holds: Bool, _ fault: String) {
    if !holds { faults.append(fault) }
  }

  /// The messages, the replies and the charges of each turn.
  private mutating func accounts(_ story: Story) -> [String: Account] {
    check(Set(messages.map { $0.text("provider_id") }) == Set(story.letters.keys), "the ledger's messages are not those that came")
    var accounts: [String: Account] = [:]
    var turnOf: [String: String] = [:]
    for message in messages {
      tally.messages += 1
      guard let letter = story.letters[message.text("provider_id")] else { continue }
      switch (message.optionalText("outcome"), message.optionalText("reason")) {
      case ("answered", nil): tally.answered += 1
      case ("failed", "send.unknown"): tally.unknown += 1
      case (let outcome, let reason): check(false, "\(letter.token) ended as \(outcome ?? "nothing") \(reason ?? "")")
      }
      let turn = message.optionalText("turn_id") ?? "none"
      accounts[turn, default: Account()].tokens.insert(letter.token)
      accounts[turn]?.customers.insert(letter.customer)
      turnOf[letter.token] = turn
    }
    for message in sent where !story.undelivered.contains(message.id) {
      tally.parts += 1
      let (part, words) = (Letter.Part(message.text), message.text.prefix(100))
      let turn = part.tokens.first.flatMap { turnOf[$0] } ?? "none"
      check(part.tokens == accounts[turn]?.tokens, "a reply to other messages than its turn's: \(words)")
      check(accounts[turn]?.customers == [Letter.customer(of: message) ?? ""], "a reply to somebody else: \(words)")
      check(accounts[turn]?.parts[part.number] == nil, "sent twice: \(words)")
      accounts[turn]?.parts[part.number] = part
      if story.told.contains(message.id) { accounts[turn]?.told.insert(part.number) }
    }
    for entry in entries {
      let change = ["captured": 1, "refunded": -1][entry.text("kind")] ?? 0
      accounts[entry.text("turn_id"), default: Account()].charges += change
    }
    return accounts
  }

  /// What an attempt has reserved was captured or given back.
  private mutating func proveClosed() {
    var attempts: [String: Set<String>] = [:]
    for entry in entries { attempts["\(entry.text("turn_id")) \(entry.integer("attempt"))", default: []].insert(entry.text("kind")) }
    let closed: [Set] = [["reserved", "captured"], ["reserved", "released"], ["reserved", "captured", "refunded"]]
    for (attempt, kinds) in attempts { check(closed.contains(kinds), "\(attempt) has \(kinds.sorted())") }
  }

  private mutating func prove(_ turn: Row, _ account: Account, _ story: Story) {
    let (count, arrived) = (account.parts.first?.value.count ?? 0, Set(account.parts.keys))
    let all = Set((0..<count).map { $0 + 1 })
    tally.charges += account.charges
    check(Set(account.parts.values.map(\.serial)).count <= 1, "\(account.name) got parts of two replies")
    if let reply = story.kept[turn.text("id")] {
      check(turn.optionalText("reply") == reply, "a reply that was kept is another one now: \(reply.prefix(100))")
    }
    switch (turn.text("state"), turn.optionalText("reason")) {
    case ("settled", nil):
      tally.replies += 1
      check(count > 0 && arrived == all, "\(account.name) is answered, and of \(count) parts \(arrived.sorted()) were sent")
      check(account.charges == 1, "\(account.name) was charged \(account.charges) times")
    case ("failed", "send.unknown"):
      tally.unknownTurns += 1
      if !arrived.isEmpty { tally.arrived += 1 }
      check(count == 0 || account.told != all, "\(account.name) is unknown, and the platform has told of all of it")
      check(account.charges == 1, "\(account.name), unknown, was charged \(account.charges) times")
    case ("failed", _), ("refused", _):
      emptied.insert(turn.text("id"))
      check(account.tokens.isEmpty && arrived.isEmpty && account.charges == 0, "\(account.name) failed")
    case (let state, _): check(false, "\(account.name) is still \(state)")
    }
  }

  /// Each payload lies in one folder, that of its verdict.
  private mutating func proveFiles(_ files: Set<String>, in spool: Spool) {
    var (lying, reasons): ([String: [String]], Set<String>) = ([:], [])
    for folder in ["incoming", "active", "deferred", "hold", "done", "failed"] {
      for case let path as String in FileManager.default.enumerator(atPath: "\(spool.path)/\(folder)") ?? FileManager.DirectoryEnumerator()
      {
        if path.hasSuffix(".reason.json") {
          reasons.insert("\(folder)/\(path)")
        } else if path.hasSuffix(".json") {
          lying[String(path.split(separator: "/").last ?? ""), default: []].append("\(folder)/\(path)")
        } else {
          check(folder != "active", "\(path) is left in active/")
        }
      }
    }
    check(files.isSubset(of: lying.keys), "\(files.subtracting(lying.keys).sorted()) are gone")
    check(lying.count == payloads.count && reasons.count == payloads.count { $0.text("verdict") == "failed" }, "files are too many or few")
    for payload in payloads {
      let (name, verdict) = (payload.text("name"), payload.text("verdict"))
      let places = lying[name] ?? []
      check(places.count == 1 && places.first == payload.optionalText("filed_as"), "\(name) lies in \(places)")
      check(places.allSatisfy { $0.hasPrefix(verdict + "/") }, "\(name) is \(verdict) and lies in \(places)")
      check(payload.flag("is_filed"), "\(name) is not noted")
      let hasReason = places.contains { reasons.contains($0.dropLast(".json".count) + ".reason.json") }
      check(hasReason == (verdict == "failed"), "\(name) is \(verdict), and its reason file")
    }
  }
}
