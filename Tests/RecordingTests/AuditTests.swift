import Foundation
import GRDB
import Testing

@testable import Recording

@Suite struct `The books` {
  /// Something done to the file behind replyd's back, and what the audit says then.
  struct Tampering: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sql: String
    /// Reason and subject: a turn by its state, anything else by its kind.
    let culprits: Set<String>

    init(_ description: String, _ sql: String, _ culprits: String...) {
      (testDescription, self.sql, self.culprits) = (description, sql, Set(culprits))
    }
  }

  private static let settled = "(SELECT id FROM turn WHERE state = 'settled' AND price = 3)"
  private static let refunded = "(SELECT id FROM turn WHERE state = 'settled' AND price = 2)"
  private static let failed = "(SELECT id FROM turn WHERE state = 'failed')"
  private static let unconfirmed = "(SELECT id FROM turn WHERE state = 'unconfirmed')"

  static let tamperings = [
    Tampering("a balance is raised", "UPDATE account SET balance = balance + 1", "balance.differs user"),
    Tampering("an entry is removed", "DELETE FROM credit_entry WHERE kind = 'added'", "balance.differs user"),
    Tampering(
      "a turn's entries are given to none", "UPDATE credit_entry SET turn_id = 'turn_gone' WHERE turn_id = \(settled)",
      "entries.stray turn_gone", "settled.uncharged settled 3"),
    Tampering(
      "a turn's entries are given to another user", "UPDATE credit_entry SET account_id = 'user_x' WHERE turn_id = \(settled)",
      "balance.differs user", "entries.of_another settled 3"),
    Tampering(
      "what was kept is given back as well",
      """
      INSERT INTO credit_entry SELECT 'entry_x', account_id, turn_id, attempt, 'released', 3, 0 FROM credit_entry
        WHERE turn_id = \(settled) AND kind = 'captured';
      UPDATE account SET balance = balance + 3
      """, "entries.given_back_wrongly settled 3"),
    Tampering(
      "more is given back than was taken",
      "UPDATE credit_entry SET amount = 5 WHERE kind = 'released'; UPDATE account SET balance = balance + 1",
      "entries.given_back_wrongly failed 4"),
    Tampering(
      "a failed turn keeps its reservation", "DELETE FROM credit_entry WHERE kind = 'released'; UPDATE account SET balance = balance - 4",
      "reservation.open failed 4"),
    Tampering(
      "a reservation of an earlier attempt is left open", "UPDATE turn SET attempt = 2 WHERE state = 'generating'",
      "reservation.open generating 6"),
    Tampering(
      "a charge has no reservation",
      "DELETE FROM credit_entry WHERE kind = 'reserved' AND turn_id = \(settled); UPDATE account SET balance = balance + 3",
      "captured.unreserved settled 3"),
    Tampering(
      "a charge has no part that may have arrived", "UPDATE send SET state = 'refused' WHERE turn_id = \(unconfirmed)",
      "captured.unsent unconfirmed 5"),
    Tampering(
      "a turn is charged for two attempts",
      """
      INSERT INTO credit_entry SELECT id || 'x', account_id, turn_id, 2, kind, amount, 0 FROM credit_entry WHERE turn_id = \(settled);
      UPDATE account SET balance = balance - 3
      """, "charged.twice settled 3"),
    Tampering(
      "a refund has no failure", "UPDATE send SET delivery = 'sent', fault = NULL WHERE turn_id = \(refunded)",
      "refunded.unasked settled 2", "settled.uncharged settled 2"),
    Tampering(
      "a settled turn is not charged", "DELETE FROM credit_entry WHERE kind = 'captured' AND turn_id = \(settled)",
      "settled.uncharged settled 3", "reservation.open settled 3"),
    Tampering(
      "a settled turn has a part that was not accepted", "UPDATE send SET state = 'unknown' WHERE turn_id = \(settled)",
      "settled.unsent settled 3"),
    Tampering(
      "a part that may have arrived is not charged", "DELETE FROM credit_entry WHERE kind = 'captured' AND turn_id = \(unconfirmed)",
      "sent.uncharged unconfirmed 5", "reservation.open unconfirmed 5"),
    Tampering(
      "an answered message has no turn", "UPDATE message SET turn_id = NULL WHERE turn_id = \(settled)", "message.without_turn msg"),
    Tampering(
      "an open message has no turn", "UPDATE message SET turn_id = NULL WHERE outcome IS NULL AND turn_id = \(unconfirmed)",
      "message.without_turn msg"),
    Tampering(
      "a message's turn is not there", "UPDATE message SET turn_id = 'turn_gone' WHERE turn_id = \(settled)", "message.without_turn msg"),
    Tampering(
      "a message is in another conversation than its turn",
      """
      UPDATE message SET conversation_id = (SELECT conversation_id FROM turn WHERE state = 'failed') WHERE turn_id = \(settled)
      """, "message.elsewhere msg"),
    Tampering(
      "a settled turn's message is not answered", "UPDATE message SET outcome = 'recorded' WHERE turn_id = \(settled)",
      "message.disagrees msg"),
    Tampering(
      "an answered message is on a turn that is not settled", "UPDATE message SET outcome = 'answered' WHERE turn_id = \(unconfirmed)",
      "message.disagrees msg", "file.disagrees corr"),
    Tampering(
      "a message is there twice, on two turns",
      """
      CREATE TABLE other AS SELECT * FROM message; DROP TABLE message; ALTER TABLE other RENAME TO message;
      UPDATE message SET provider_id = (SELECT provider_id FROM message WHERE turn_id = \(settled)) WHERE turn_id = \(failed)
      """, "message.twice msg", "message.twice msg"),
    Tampering(
      "a file is done whose message failed", "UPDATE payload SET verdict = 'done', reason = NULL WHERE verdict = 'failed'",
      "file.disagrees corr"),
    Tampering(
      "a file is open whose message is answered", "UPDATE payload SET verdict = NULL, verdict_at = NULL WHERE verdict = 'done'",
      "file.disagrees corr"),
    Tampering(
      "a file has failed whose message is answered", "UPDATE payload SET verdict = 'failed', reason = 'x' WHERE verdict = 'done'",
      "file.disagrees corr"),
  ]

  @Test(arguments: tamperings) func `name what was done to them behind replyd's back`(_ tampering: Tampering) async throws {
    try await withFolder { folder in
      let path = folder + "/replyd.db"
      let ledger = try SQLiteLedger(path: path)
      try await ledger.transaction(Books.keep)
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try await queue.writeWithoutTransaction { database in
        for trigger in ["credit_captured_once", "credit_entry_stays", "credit_entry_kept"] {
          try database.execute(sql: "DROP TRIGGER \(trigger)")
        }
        try database.execute(sql: tampering.sql)
      }
      try queue.close()
      for pageLength in [1, 2, 256] {
        var culprits: [Culprit] = []
        let summary = try await Audit(ledger, pageLength: pageLength).run { culprits.append($0) }
        #expect(summary.culprits == culprits.count)
        let found = culprits
        let names = try await ledger.read { transaction throws(LedgerError) in try Books.names(of: found, in: transaction) }
        #expect(Set(names) == tampering.culprits, "pages of \(pageLength)")
        #expect(culprits.allSatisfy { !$0.message.isEmpty && $0.advice.contains("report this") })
      }
      await ledger.close()
    }
  }

  @Test(arguments: [1, 2, 5, 256]) func `hold after every way that a turn can go`(pageLength: Int) async throws {
    try await withLedger { ledger in
      try await ledger.transaction(Books.keep)
      var culprits: [Culprit] = []
      let summary = try await Audit(ledger, pageLength: pageLength).run { culprits.append($0) }
      #expect(culprits == [])
      #expect((summary.users, summary.turns, summary.captured, summary.refunded) == (1, 6, 3, 1))
      // One added; reserved five times, captured thrice, refunded and released once each.
      #expect((summary.entries, summary.openReservations) == (11, 1))
      #expect((summary.messages, summary.files, summary.culprits) == (7, 8, 0))
    }
  }

  @Test func `hold where there is nothing yet`() async throws {
    try await withLedger { ledger in
      let summary = try await Audit(ledger).run { Issue.record("\($0)") }
      #expect(summary == Audit.Summary())
    }
  }

  /// A file that was refused without a turn, for its number was unknown, and waits in incoming/ to be run again.
  @Test func `hold between a replay and the intake that takes the file`() async throws {
    try await withLedger { ledger in
      try await ledger.transaction { transaction throws(LedgerError) in
        do {
          let message = try transaction.makeMessage("1", in: nil)
          try transaction.messages.conclude(message, as: .refused(Reason(code: "channel.unknown", message: "No.", advice: "Add it.")))
          let file = try transaction.payloads.newest(named: "1.json")
          _ = try transaction.payloads.conclude(file?.correlationID ?? "", at: start)
          try transaction.messages.reopen(message)
        } catch {
          throw error as? LedgerError ?? .failed(detail: "\(error)")
        }
      }
      let summary = try await Audit(ledger).run { Issue.record("\($0)") }
      #expect((summary.messages, summary.files) == (1, 1))
    }
  }
}

/// A ledger with a turn of each kind, made by the statements that make them.
private enum Books {
  static func keep(_ transaction: any Transaction) throws(LedgerError) {
    do {
      let books = Keeper(scene: try Scene(transaction, credits: 100))
      try books.settle("settled", price: 3)
      try books.refund("refunded", price: 2)
      try books.fail("failed", price: 4)
      try books.lose("unconfirmed", price: 5)
      _ = try books.generate("generating", price: 6)
      _ = try books.collect("collecting")
      // One that nobody waits for, and a file that is none.
      let message = try transaction.makeMessage("recorded", in: nil)
      try transaction.messages.conclude(message, as: .recorded)
      try books.judge("recorded")
      let malformed = try transaction.makePayload("malformed.json").correlationID
      let reason = Reason(code: "payload.malformed", message: "It is none.", advice: "Look.")
      _ = try transaction.payloads.fail(malformed, for: reason, at: start)
    } catch {
      throw error as? LedgerError ?? .failed(detail: "\(error)")
    }
  }

  /// Reason and subject: a turn by its state and price, what is missing by its id, anything else by its kind.
  static func names(of culprits: [Culprit], in transaction: any Transaction) throws(LedgerError) -> [String] {
    var names: [String] = []
    for culprit in culprits {
      if let turn = try transaction.turns.turn(culprit.subject) {
        names.append("\(culprit.reason) \(turn.state.rawValue) \(turn.price)")
      } else {
        let kind = culprit.subject.hasPrefix("turn_") ? culprit.subject[...] : culprit.subject.prefix { $0 != "_" }
        names.append("\(culprit.reason) \(kind)")
      }
    }
    return names
  }
}

private struct Keeper {
  let scene: Scene
  var transaction: any Transaction { scene.transaction }

  func collect(_ name: String) throws -> (Turn, Lease) {
    let phone = "1555\(name.utf8.reduce(0) { $0 * 7 + Int($1) })"
    let conversation = try transaction.makeConversation(on: scene.channel, of: scene.account, phone: phone)
    let message = try transaction.makeMessage(name, in: conversation, of: scene.account)
    let turn = try transaction.turns.collect(message, in: conversation, correlationID: "corr", quietPeriod: .zero, at: start)
    try transaction.conversations.reschedule(conversation)
    guard let lease = try transaction.conversations.lease(conversation, to: "one", at: start) else { throw Missing() }
    return (try scene.require(turn), lease)
  }

  func generate(_ name: String, price: Int) throws -> (Turn, Lease, Credits.Purpose) {
    let (turn, lease) = try collect(name)
    let purpose = Credits.Purpose(account: scene.account, turn: turn.id, attempt: 1)
    guard try transaction.credits.reserve(price, for: purpose, at: start) else { throw Missing() }
    try transaction.turns.generate(turn, agent: scene.agent, price: price, prompt: nil, under: lease)
    return (try scene.require(turn.id), lease, purpose)
  }

  private func send(_ name: String, price: Int) throws -> (Turn, Lease, Credits.Purpose, Send) {
    let (turn, lease, purpose) = try generate(name, price: price)
    try transaction.turns.keep(reply: "Hello", of: turn, under: lease)
    let send = try scene.markedSend(turn)
    try transaction.turns.send(turn, under: lease)
    return (turn, lease, purpose, send)
  }

  func settle(_ name: String, price: Int) throws {
    let (turn, lease, purpose, send) = try send(name, price: price)
    try transaction.sends.accept(send.id, providerID: "wamid.\(name)", at: start)
    try transaction.credits.capture(for: purpose, at: start)
    try transaction.turns.settle(turn, under: lease, at: start)
    try transaction.messages.conclude(turn: turn.id, as: .answered)
    try judge(name)
  }

  func refund(_ name: String, price: Int) throws {
    try settle(name, price: price)
    let send = try transaction.sends.subject(of: DeliveryReport("failed", providerID: "wamid.\(name)"))?.send
    guard let send else { throw Missing() }
    _ = try transaction.sends.deliver(send, DeliveryReport("failed", fault: "It failed."), at: start)
    try transaction.credits.refund(turn: send.turnID, of: scene.account, at: start)
  }

  func fail(_ name: String, price: Int) throws {
    let (turn, lease, purpose) = try generate(name, price: price)
    try transaction.turns.end(turn, as: .failed, reason: "reply.silent", under: lease, at: start)
    try transaction.credits.release(for: purpose, at: start)
    try transaction.messages.conclude(turn: turn.id, as: .failed(Reason(code: "reply.silent", message: "It is silent.", advice: "Ask.")))
    try judge(name)
  }

  func lose(_ name: String, price: Int) throws {
    let (turn, lease, purpose, send) = try send(name, price: price)
    try transaction.sends.lose(send.id, at: start)
    try transaction.credits.capture(for: purpose, at: start)
    try transaction.turns.await(turn, until: start + 600, under: lease)
  }

  func judge(_ name: String) throws {
    guard let file = try transaction.payloads.newest(named: "\(name).json") else { throw Missing() }
    _ = try transaction.payloads.conclude(file.correlationID, at: start)
  }
}
