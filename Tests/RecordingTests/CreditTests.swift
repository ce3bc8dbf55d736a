import Foundation
import Testing

@testable import Recording

@Suite struct `The credits of a user` {
  private enum Step: CaseIterable {
    case reserve
    case capture
    case release
    case refund

    func take(_ transaction: any Transaction, _ purpose: Credits.Purpose) throws {
      switch self {
      case .reserve: _ = try transaction.credits.reserve(3, for: purpose, at: start)
      case .capture: try transaction.credits.capture(for: purpose, at: start)
      case .release: try transaction.credits.release(for: purpose, at: start)
      case .refund: try transaction.credits.refund(turn: purpose.turn, of: purpose.account, at: start)
      }
    }
  }

  @Test(
    arguments: [
      ("nothing", [], 10), ("reserved", [.reserve], 7), ("answered", [.reserve, .capture], 7),
      ("captured twice", [.reserve, .capture, .capture], 7),
      ("failed", [.reserve, .release], 10), ("failed twice", [.reserve, .release, .release], 10),
      ("failed after it was captured", [.reserve, .capture, .release], 7), ("refunded", [.reserve, .capture, .refund], 10),
      ("refunded twice", [.reserve, .capture, .refund, .refund], 10), ("refunded and failed", [.reserve, .capture, .refund, .release], 10),
      ("refunded without a capture", [.reserve, .refund], 7),
      ("failed, and captured and refunded late", [.reserve, .release, .capture, .refund], 10),
      ("given back and never taken", [.release, .refund, .capture, .release, .refund], 10),
    ] as [(String, [Step], Int)]
  )
  private func `are charged once and given back once`(case: String, steps: [Step], balance: Int) throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let purpose = Credits.Purpose(account: scene.account, turn: try scene.turn(.failed).id, attempt: 1)
      for step in steps {
        try step.take(transaction, purpose)
        try expectBooksInOrder(transaction, scene.account)
      }
      #expect(try transaction.credits.balance(of: scene.account) == balance)
    }
  }

  @Test func `agree with their entries after every order of steps over two attempts`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction, credits: 1_000_000)
      let moves = [1, 2].flatMap { attempt in Step.allCases.map { (attempt, $0) } }
      for order in 0..<(8 * 8 * 8 * 8) {
        let turn = try scene.turn(.failed).id
        var number = order
        for _ in 0..<4 {
          let (attempt, step) = moves[number % 8]
          number /= 8
          let before = try transaction.credits.balance(of: scene.account)
          do {
            try transaction.execute("SAVEPOINT step")
            try step.take(transaction, Credits.Purpose(account: scene.account, turn: turn, attempt: attempt))
          } catch let error as LedgerError {
            // A second reservation of one attempt: refused with all that it did.
            try transaction.execute("ROLLBACK TO step")
            #expect(error.isConstraint && step == .reserve)
            #expect(try transaction.credits.balance(of: scene.account) == before)
          }
          try transaction.execute("RELEASE step")
        }
        let sum = try transaction.first("SELECT SUM(amount) AS sum FROM credit_entry WHERE turn_id = ?1", .text(turn))
        #expect((-6...0).contains(sum?.optionalInteger("sum") ?? 0), "order \(order)")
      }
      try expectBooksInOrder(transaction, scene.account)
    }
  }

  @Test func `are charged again for an attempt after the one before was refunded`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.failed).id
      let purposes = (1...2).map { Credits.Purpose(account: scene.account, turn: turn, attempt: $0) }
      #expect(try transaction.credits.reserve(3, for: purposes[0], at: start))
      try transaction.credits.capture(for: purposes[0], at: start)
      try transaction.credits.refund(turn: turn, of: scene.account, at: start)
      #expect(try transaction.credits.outstanding(3, for: purposes[1]) == 3)
      #expect(try transaction.credits.reserve(3, for: purposes[1], at: start))
      try transaction.credits.capture(for: purposes[1], at: start)
      #expect(try transaction.credits.balance(of: scene.account) == 7)
      #expect(try transaction.credits.outstanding(3, for: purposes[1]) == 0)
      try transaction.credits.refund(turn: turn, of: scene.account, at: start)
      #expect(try transaction.credits.balance(of: scene.account) == 10)
      try expectBooksInOrder(transaction, scene.account)
    }
  }

  @Test func `are captured once a turn over all attempts`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction)
      let turn = try scene.turn(.failed).id
      let purposes = (1...3).map { Credits.Purpose(account: scene.account, turn: turn, attempt: $0) }
      #expect(try transaction.credits.outstanding(3, for: purposes[0]) == 3)
      #expect(try transaction.credits.reserve(3, for: purposes[0], at: start))
      #expect(try transaction.credits.outstanding(3, for: purposes[0]) == 0)
      #expect(try transaction.credits.outstanding(3, for: purposes[1]) == 3)
      for purpose in purposes { try transaction.credits.capture(for: purpose, at: start) }
      #expect(try transaction.credits.outstanding(3, for: purposes[1]) == 0)
      #expect(try transaction.query("SELECT 1 AS one FROM credit_entry WHERE kind = 'captured'").count == 1)
      let error = failure { () throws(LedgerError) in
        try transaction.execute(
          "INSERT INTO credit_entry VALUES ('entry_x', ?1, ?2, 2, 'captured', 0, 0)",
          .text(scene.account),
          .text(turn)
        )
      }
      #expect(error?.isConstraint == true)
    }
  }

  @Test func `are charged again, once, when what was given back turns out to have arrived`() throws {
    for gaveBack in ["released", "refunded"] {
      try withTransaction { transaction in
        let scene = try Scene(transaction)
        let id = try scene.turn(.settled).id
        try transaction.execute("UPDATE turn SET price = 3")
        let turn = try scene.require(id)
        let purpose = Credits.Purpose(account: scene.account, turn: id, attempt: 1)
        #expect(try transaction.credits.reserve(3, for: purpose, at: start))
        if gaveBack == "refunded" { try transaction.credits.capture(for: purpose, at: start) }
        try transaction.credits.release(for: purpose, at: start)
        try transaction.credits.refund(turn: id, of: scene.account, at: start)
        #expect(try transaction.credits.balance(of: scene.account) == 10)
        for _ in 1...2 {
          #expect(try transaction.credits.recharge(turn, of: scene.account, at: start))
          #expect(try transaction.credits.balance(of: scene.account) == 7)
          try expectBooksInOrder(transaction, scene.account)
        }
        // And given back again, and charged again.
        try transaction.credits.refund(turn: id, of: scene.account, at: start)
        #expect(try transaction.credits.balance(of: scene.account) == 10)
        #expect(try transaction.credits.recharge(turn, of: scene.account, at: start))
        #expect(try transaction.credits.balance(of: scene.account) == 7)
        try transaction.credits.refund(turn: id, of: scene.account, at: start)
        // Spent since: nothing is taken that is not there.
        try transaction.execute("UPDATE account SET balance = 2")
        #expect(try !transaction.credits.recharge(turn, of: scene.account, at: start))
        #expect(try transaction.credits.balance(of: scene.account) == 2)
      }
    }
  }

  @Test func `are not reserved beyond the balance`() throws {
    try withTransaction { transaction in
      let scene = try Scene(transaction, credits: 2)
      let purpose = Credits.Purpose(account: scene.account, turn: try scene.turn(.failed).id, attempt: 1)
      #expect(try !transaction.credits.reserve(3, for: purpose, at: start))
      #expect(try transaction.query("SELECT 1 AS one FROM credit_entry WHERE kind = 'reserved'").isEmpty)
      #expect(try transaction.credits.reserve(2, for: purpose, at: start))
      #expect(try transaction.credits.balance(of: scene.account) == 0)
    }
  }

  @Test func `are added to who is there, and only there`() throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount()
      #expect(try transaction.credits.add(5, to: account, at: start) == 5)
      #expect(try transaction.credits.add(7, to: account, at: start) == 12)
      #expect(try transaction.credits.add(7, to: "user_nobody", at: start) == nil)
      #expect(try transaction.credits.balance(of: "user_nobody") == nil)
      try expectBooksInOrder(transaction, account)
    }
  }

  @Test(arguments: [
    "UPDATE account SET balance = -1", "UPDATE account SET balance = balance - 11", "UPDATE credit_entry SET amount = 100",
    "DELETE FROM credit_entry", "INSERT INTO credit_entry SELECT 'entry_x', id, NULL, NULL, 'reserved', 1, 0 FROM account",
    "INSERT INTO credit_entry SELECT 'entry_x', id, NULL, NULL, 'gift', 1, 0 FROM account", "DELETE FROM account",
  ])
  func `are kept from wrong statements by the schema`(statement: String) throws {
    try withTransaction { transaction in
      let account = try transaction.makeAccount(credits: 10)
      let error = failure { () throws(LedgerError) in try transaction.execute(statement) }
      #expect(error?.isConstraint == true)
      #expect(try transaction.credits.balance(of: account) == 10)
      try expectBooksInOrder(transaction, account)
    }
  }

  @Test func `are given to ten of sixty-four who ask at once`() async throws {
    try await withLedger { ledger in
      let (account, turns) = try await ledger.transaction { transaction throws(LedgerError) in
        do {
          let scene = try Scene(transaction, credits: 10)
          return (scene.account, try (0..<64).map { _ in try scene.turn(.failed).id })
        } catch {
          throw LedgerError.failed(detail: "\(error)")
        }
      }
      let reserved = try await withThrowingTaskGroup(of: Bool.self) { group in
        for turn in turns {
          group.addTask {
            try await ledger.transaction { transaction throws(LedgerError) in
              try transaction.credits.reserve(1, for: Credits.Purpose(account: account, turn: turn, attempt: 1), at: start)
            }
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(reserved == 10)
      #expect(try await ledger.read { transaction throws(LedgerError) in try transaction.credits.balance(of: account) } == 0)
    }
  }

  private func expectBooksInOrder(_ transaction: any Transaction, _ account: String) throws {
    let row = try transaction.first("SELECT SUM(amount) AS sum FROM credit_entry WHERE account_id = ?1", .text(account))
    #expect(try transaction.credits.balance(of: account) == row?.integer("sum"))
  }
}
