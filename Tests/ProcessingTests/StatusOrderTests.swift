import Foundation
import Parsing
import Recording
import Replying
import Sending
import Testing

@testable import Processing

/// What the platform says of one reply, in every order, with the answer to our request at every point.
@Suite struct `Statuses and the answer` {
  private static let words = ["sent", "delivered", "read", "played", "failed"]

  /// What becomes of the request.
  enum Ending: Sendable, CaseIterable {
    case accepted
    /// Time-out.
    case unknown
    /// The process is killed after the send was marked, and another goes on.
    case killed
  }

  /// By what a status names the message.
  enum Naming: Sendable, CaseIterable {
    case ourID
    case theirID
    /// The one and the other by turns.
    case either
  }

  @Test(arguments: Ending.allCases, Naming.allCases)
  func `end the same in each of the 120 orders`(ending: Ending, naming: Naming) async throws {
    // A message that was never answered for, and is named by an id that we never heard, cannot be known.
    if naming != .ourID, ending != .accepted { return }
    try await withInstallation { place in
      let reading = try Course.reading(in: place)
      let orders = permutations(Self.words)
      #expect(Set(orders).count == 120)
      let ends = try await place.ledger.transaction { transaction throws(LedgerError) -> [String: [String]] in
        var ends: [String: [String]] = [:]
        for order in orders {
          for point in 0...order.count {
            let end = try Course(transaction, reading, ending, naming).tried(order, answeredAfter: point)
            ends[end, default: []].append("\(order) \(point)")
          }
        }
        return ends
      }
      #expect(ends.count == 1, "\(ends.map { "\($0.key)\n  after \($0.value.prefix(3))" }.joined(separator: "\n"))")
      #expect(ends.values.first?.count == 720)
      let end = try #require(ends.keys.first)
      for part in [
        "state=accepted", "delivery=played", "provider_id=wamid.out", "priced_by=delivered", "state=settled", "outcome=answered",
      ] {
        #expect(end.contains(part), "\(part) in \(end)")
      }
      #expect(end.contains("balance=9 taken=1 standing=1"), "\(end)")
    }
  }

  /// What is left when only some of them come.
  @Test(arguments: Ending.allCases, [["sent"], ["delivered", "sent"], ["read", "failed"], ["failed", "played", "sent"]])
  func `end the same when some never come`(ending: Ending, some: [String]) async throws {
    try await withInstallation { place in
      let reading = try Course.reading(in: place)
      let ends = try await place.ledger.transaction { transaction throws(LedgerError) -> Set<String> in
        var ends: Set<String> = []
        for order in permutations(some) {
          for point in 0...order.count {
            ends.insert(try Course(transaction, reading, ending, .ourID).tried(order, answeredAfter: point))
          }
        }
        return ends
      }
      #expect(ends.count == 1, "\(ends)")
      let end = try #require(ends.first)
      #expect(end.contains("state=settled") && end.contains("balance=9 taken=1 standing=1"), "\(end)")
    }
  }

  @Test(arguments: Ending.allCases) func `cost nothing when it failed and nothing else was said`(ending: Ending) async throws {
    try await withInstallation { place in
      let reading = try Course.reading(in: place)
      for order in permutations(["sent", "failed"]) {
        for point in 0...2 {
          let end = try await place.ledger.transaction { transaction throws(LedgerError) in
            let end = try Course(transaction, reading, ending, .ourID).tried(order, answeredAfter: point)
            return end
          }
          #expect(end.contains("delivery=failed") && end.contains("balance=10 taken=0 standing=0"), "\(order) \(point): \(end)")
        }
      }
    }
  }

  @Test func `are not charged again what is not there any more`() async throws {
    try await withInstallation(credits: 1, changesBooks: true) { place in
      let reading = try Course.reading(in: place)
      let end = try await place.ledger.transaction { transaction throws(LedgerError) in
        try Course(transaction, reading, .accepted, .ourID).run(["failed"], answeredAfter: 0)
      }
      #expect(end.contains("balance=1"))
      // Spent on something else.
      try await place.sql("UPDATE account SET balance = 0")
      try await place.ledger.transaction { transaction throws(LedgerError) in
        guard let send = try transaction.query("SELECT id FROM send", []).first?.text("id") else { throw .failed(detail: "no send") }
        _ = try StatusRecorder(transaction: transaction, now: Course.now).record(try Course.status("delivered", [.ourID: send]))
      }
      #expect(try await place.balance() == 0)
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.entries() == ["captured", "refunded", "reserved"])
    }
  }
}

/// One reply on its way, from the message to the last word of it, all at one time.
private struct Course {
  static let now = Date(timeIntervalSince1970: 1_790_000_000)

  let transaction: any Transaction
  let ending: `Statuses and the answer`.Ending
  let naming: `Statuses and the answer`.Naming
  /// The file that holds the message.
  let reading: Reading
  private let keeper = Turnkeeper(sendGrace: .seconds(600), verifiesChannels: true, jitter: { 0 })

  init(
    _ transaction: any Transaction,
    _ reading: Reading,
    _ ending: `Statuses and the answer`.Ending,
    _ naming: `Statuses and the answer`.Naming
  ) {
    (self.transaction, self.reading, self.ending, self.naming) = (transaction, reading, ending, naming)
  }

  /// Claims the file of the message.
  static func reading(in place: Installation) throws -> Reading {
    try place.drop(Payload.text("wamid.1", at: now), as: "x.json")
    return try #require(try Hand(place).claim().first)
  }

  /// Runs it, and undoes all that it did.
  func tried(_ order: [String], answeredAfter point: Int) throws(LedgerError) -> String {
    try transaction.execute("SAVEPOINT one", [])
    let end = try run(order, answeredAfter: point)
    try transaction.execute("ROLLBACK TO one", [])
    try transaction.execute("RELEASE one", [])
    return end
  }

  /// - Returns: All that the ledger holds of it then, but for its ids.
  func run(_ order: [String], answeredAfter point: Int) throws(LedgerError) -> String {
    let (lease, send) = try begin()
    for index in 0...order.count {
      if index == point { try answer(lease, send) }
      guard index < order.count else { break }
      _ = try StatusRecorder(transaction: transaction, now: Course.now).record(try status(order[index], of: send, number: index))
    }
    return try snapshot()
  }

  private func begin() throws(LedgerError) -> (Lease, Turnkeeper.SendOrder) {
    var recorder = Recorder(transaction: transaction, quietPeriod: .zero, now: Course.now)
    let recorded = try recorder.record(reading)
    guard let conversation = recorded.conversations.first,
      let lease = try transaction.conversations.lease(conversation, to: "one", at: Course.now),
      case .generate(let order) = try keeper.advance(lease, after: .begun, isStopping: false, at: Course.now, in: transaction).step,
      case .send(let send) = try keeper.advance(
        lease, after: .replied(turn: order.turn, Reply("Hello")), isStopping: false, at: Course.now, in: transaction
      ).step
    else { throw .failed(detail: "another step than expected") }
    return (lease, send)
  }

  private func answer(_ lease: Lease, _ send: Turnkeeper.SendOrder) throws(LedgerError) {
    let outcome: SendOutcome
    switch ending {
    case .accepted: outcome = .accepted(providerID: "wamid.out")
    case .unknown: outcome = .unknown(detail: "cut")
    case .killed:
      _ = try transaction.conversations.free(owner: lease.owner)
      guard let heir = try transaction.conversations.lease(lease.conversation, to: "two", at: Course.now) else { throw .leaseLost }
      _ = try keeper.advance(heir, after: .begun, isStopping: false, at: Course.now, in: transaction)
      return
    }
    _ = try keeper.advance(lease, after: .sent(send: send.id, outcome), isStopping: false, at: Course.now, in: transaction)
  }

  private func status(_ word: String, of send: Turnkeeper.SendOrder, number: Int) throws(LedgerError) -> Status {
    switch naming {
    case .ourID: try Course.status(word, [.ourID: send.id, .theirID: "wamid.out"])
    case .theirID: try Course.status(word, [.theirID: "wamid.out"])
    case .either: try Course.status(word, number % 2 == 0 ? [.theirID: "wamid.out"] : [.ourID: send.id, .theirID: "wamid.out"])
    }
  }

  /// As it is read from a payload.
  static func status(_ word: String, _ ids: [`Statuses and the answer`.Naming: String]) throws(LedgerError) -> Status {
    var members = [#""status":"\#(word)","timestamp":"\#(1_790_000_000 + word.utf8.count)""#]
    if let ours = ids[.ourID] { members.append(#""biz_opaque_callback_data":"\#(ours)""#) }
    members.append(#""id":"\#(ids[.theirID] ?? "wamid.out")""#)
    if ["sent", "delivered"].contains(word) { members.append(#""pricing":{"billable":true,"category":"service","type":"\#(word)"}"#) }
    if word == "failed" { members.append(#""errors":[{"code":131026,"title":"Message undeliverable"}]"#) }
    let payload =
      #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"statuses":[{"#
      + members.joined(separator: ",") + "}]}}]}]}"
    do {
      if case .status(let status)? = try ParsedPayload(bytes: Array(payload.utf8)).events.first?.content { return status }
    } catch {
      throw .failed(detail: "\(error)")
    }
    throw .failed(detail: "no status in \(payload)")
  }

  private func snapshot() throws(LedgerError) -> String {
    let tables = [
      (
        "send",
        [
          "attempt", "part", "text", "state", "provider_id", "delivery", "delivery_at", "marked_at", "ended_at", "created_at",
          "fault", "errors", "pricing", "priced_by",
        ]
      ),
      ("turn", ["state", "reason", "due_at", "attempt", "tries", "price", "reply", "ended_at", "created_at", "prompt_version"]),
      ("message", ["outcome", "reason", "detail", "advice"]), ("payload", ["verdict", "reason", "verdict_at", "attempts", "fault"]),
      ("conversation", ["lease_owner", "due_at", "joins_id", "phone", "scoped_id"]), ("stray_status", ["state", "provider_id"]),
    ]
    var lines: [String] = []
    for (table, columns) in tables {
      let rows = try transaction.query("SELECT * FROM \(table) ORDER BY 1", [])
      lines += rows.map { row in "\(table): " + columns.map { "\($0)=\(text(row.value($0)))" }.joined(separator: " ") }
    }
    // The way to it differs, for entries are never taken back; what is taken in the end does not.
    let books = try transaction.query(
      """
      SELECT (SELECT balance FROM account) AS balance,
        (SELECT COALESCE(-SUM(amount), 0) FROM credit_entry WHERE turn_id IS NOT NULL) AS taken,
        (SELECT COUNT(*) FROM credit_entry AS one WHERE kind = 'captured' AND NOT EXISTS (SELECT 1 FROM credit_entry AS back
          WHERE back.turn_id = one.turn_id AND back.attempt = one.attempt AND back.kind = 'refunded')) AS standing,
        (SELECT SUM(amount) FROM credit_entry) AS sum
      """, [])
    for row in books {
      lines.append("balance=\(row.integer("balance")) taken=\(row.integer("taken")) standing=\(row.integer("standing"))")
      if row.integer("sum") != row.integer("balance") { lines.append("the books do not agree") }
    }
    return lines.joined(separator: "\n")
  }

  private func text(_ value: Value) -> String {
    switch value {
    case .null: "-"
    case .integer(let number): "\(number)"
    case .text(let text): text
    case .blob(let bytes): "\(bytes)"
    }
  }
}

private func permutations(_ words: [String]) -> [[String]] {
  guard words.count > 1 else { return [words] }
  return words.indices.flatMap { index in
    var rest = words
    let word = rest.remove(at: index)
    return permutations(rest).map { [word] + $0 }
  }
}
