import Testing

@testable import Recording

@Suite struct `A secret key` {
  private static let digits = String(repeating: "0a", count: 32)

  private func key(_ hex: String = digits) throws -> SecretKey {
    guard let key = SecretKey(hex: hex) else { throw Missing() }
    return key
  }

  private static let keys = [digits, String(repeating: "F0", count: 32), String(repeating: "fF", count: 32)]

  private static let others: [String] = {
    let short = String(digits.dropLast())
    let shorter = String(short.dropLast())
    return [
      "", short, shorter, digits + "00", short + "g", short + " ", short + "/", short + ":", short + "@", "-" + short, shorter + "\r\n",
      "0x" + shorter, String(shorter.dropLast()) + "１",
    ]
  }()

  @Test(arguments: keys) func `is 64 hex digits`(hex: String) {
    #expect(SecretKey(hex: hex) != nil)
  }

  @Test(arguments: others) func `is nothing else`(hex: String) {
    #expect(SecretKey(hex: hex) == nil)
  }

  @Test(arguments: ["", "EAAG…", String(repeating: "token", count: 1000), "\u{0}"])
  func `opens what it sealed`(text: String) throws {
    let sealed = try key().seal(text)
    #expect(try key().open(sealed) == text)
    #expect(sealed.count == text.utf8.count + 28)
  }

  @Test func `seals the same text differently each time`() throws {
    #expect(try key().seal("token") != key().seal("token"))
  }

  @Test func `opens nothing that was changed, cut off or sealed with another key`() throws {
    let key = try key()
    let sealed = try key.seal("token")
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(failure { () throws(LedgerError) in try key.open(changed) } == .wrongKey)
    }
    for count in 0..<sealed.count {
      #expect(failure { () throws(LedgerError) in try key.open(Array(sealed.prefix(count))) } == .wrongKey)
    }
    let other = try self.key(String(repeating: "0b", count: 32))
    #expect(failure { () throws(LedgerError) in try other.open(sealed) } == .wrongKey)
  }

  @Test func `is the only one of its ledger`() throws {
    try withTransaction { transaction in
      let (first, other) = (try key(), try key(String(repeating: "0b", count: 32)))
      try transaction.settings.bind(to: first)
      try transaction.settings.bind(to: first)
      #expect(failure { () throws(LedgerError) in try transaction.settings.bind(to: other) } == .wrongKey)
      try transaction.settings.bind(to: first)
    }
  }

  @Test func `shows itself nowhere, nor does a key to the API`() throws {
    struct Holder {
      let secret: SecretKey
      let api: APIKey
    }
    let holder = Holder(secret: try key(), api: .fresh())
    for text in ["\(holder)", String(reflecting: holder), "\(holder.secret)", "\(holder.api)", String(reflecting: holder.api)] {
      #expect(!text.contains("0a0a") && !text.contains(holder.api.secret), "\(text.prefix(40))")
    }
  }
}

@Suite struct `A key to the API` {
  @Test func `is made by chance and kept as a hash`() throws {
    let keys = (0..<100).map { _ in APIKey.fresh() }
    #expect(Set(keys.map(\.secret)).count == 100)
    for key in keys {
      #expect(key.secret.hasPrefix("replyd_"))
      #expect(key.secret.utf8.count == 71)
      #expect(key.secret.dropFirst(7).allSatisfy { $0.isHexDigit && !$0.isUppercase })
      #expect(key.hash.count == 32)
      #expect(key.hash == APIKey(secret: key.secret).hash)
    }
    try withTransaction { transaction in
      let account = try transaction.accounts.add(email: "a@example.com", name: "A", companyName: nil, key: keys[0], at: start)
      let row = try transaction.first("SELECT account_id, hash FROM api_key")
      #expect((row?.text("account_id"), row?.optionalBlob("hash")) == (account, keys[0].hash))
    }
  }

  @Test func `has the hash that others compute`() {
    // Source: FIPS 180-4, the example of "abc".
    let hash = APIKey(secret: "abc").hash
    #expect(hash.prefix(4) == [0xba, 0x78, 0x16, 0xbf])
    #expect(hash.suffix(4) == [0xf2, 0x00, 0x15, 0xad])
  }
}
