package import Foundation

/// One address that customers write to.
package struct Channel: Hashable, Sendable {
  package let id: String
  package let accountID: String
  package let platform: String
  /// The platform's id of the address: a phone number id on WhatsApp.
  package let addressID: String
  package let displayName: String
  /// The platform's account that the address belongs to, as the payloads have it that named the address; nil before the first.
  package let platformAccount: String?
  package let isDisabled: Bool
  /// When the platform has let its owner's token see it; nil until then.
  package let verifiedAt: Date?
  /// Not to be asked again before.
  package let verifyAfter: Date?
  package let createdAt: Date
  /// Its user's own words of stopping and of return, as JSON; nil for those that everybody has.
  package let optWords: String?

  init(_ row: Row) {
    id = row.text("id")
    accountID = row.text("account_id")
    platform = row.text("platform")
    addressID = row.text("address_id")
    displayName = row.text("display_name")
    platformAccount = row.optionalText("platform_account")
    isDisabled = row.flag("is_disabled")
    verifiedAt = row.optionalDate("verified_at")
    verifyAfter = row.optionalDate("verify_after")
    createdAt = row.date("created_at")
    optWords = row.optionalText("opt_words")
  }
}

/// The channels, found by id or by the platform's address.
package struct Channels {
  let transaction: any Transaction

  private static let columns = """
    SELECT channel.id, channel.account_id, platform, address_id, display_name, platform_account, is_disabled, verified_at,
      verify_after, channel.created_at, opt_words
    FROM channel JOIN account ON account.id = channel.account_id
    """

  /// Adds a channel.
  ///
  /// - Parameters:
  ///   - account: The user who owns it.
  ///   - platform: `whatsapp`, `instagram`, `messenger` or `webchat`.
  ///   - addressID: The platform's id of the address.
  ///   - displayName: What it is called.
  ///   - sealedToken: The access token as `SecretKey.seal` made it.
  ///   - now: The time (UTC).
  /// - Returns: The new channel's id, or nil when the address belongs to a channel already.
  /// - Throws: Why nothing was added.
  package func add(
    account: String, platform: String, addressID: String, displayName: String, sealedToken: [UInt8], at now: Date
  ) throws(LedgerError) -> String? {
    let id = Identifier.fresh("phone", at: now)
    let added = try transaction.execute(
      """
      INSERT INTO channel (id, account_id, platform, address_id, display_name, access_token, created_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (platform, address_id) DO NOTHING
      """,
      .text(id), .text(account), .text(platform), .text(addressID), .text(displayName), .blob(sealedToken), .date(now))
    return added == 1 ? id : nil
  }

  package func channel(_ id: String) throws(LedgerError) -> Channel? {
    try transaction.first(Channels.columns + " WHERE channel.id = ?1", .text(id)).map(Channel.init)
  }

  package func channel(platform: String, addressID: String) throws(LedgerError) -> Channel? {
    try transaction.first(Channels.columns + " WHERE platform = ?1 AND address_id = ?2", .text(platform), .text(addressID)).map(
      Channel.init)
  }

  /// The channel that something was sent to which does not name its address: the only one of the platform's account, else the only one of
  /// this installation; nil when there is no such one.
  package func channel(platform: String, ofAccount platformAccount: String?) throws(LedgerError) -> Channel? {
    if let platformAccount {
      let channels = try transaction.query(
        Channels.columns + " WHERE platform = ?1 AND platform_account = ?2 LIMIT 2", .text(platform), .text(platformAccount))
      if !channels.isEmpty { return channels.count == 1 ? Channel(channels[0]) : nil }
    }
    return try onlyChannel(platform: platform)
  }

  /// Remembers which of the platform's accounts a channel belongs to.
  package func learn(platformAccount: String, of id: String) throws(LedgerError) {
    try transaction.execute("UPDATE channel SET platform_account = ?2 WHERE id = ?1", .text(id), .text(platformAccount))
  }

  /// The one channel of this installation on that platform, or nil when there are none or several.
  package func onlyChannel(platform: String) throws(LedgerError) -> Channel? {
    let channels = try transaction.query(Channels.columns + " WHERE platform = ?1 LIMIT 2", .text(platform))
    return channels.count == 1 ? channels.first.map(Channel.init) : nil
  }

  /// A user's channels, newest first; `before` is where the page before ended, a channel's id.
  package func page(of account: String, before: String?, limit: Int) throws(LedgerError) -> [Channel] {
    try transaction.query(
      Channels.columns + " WHERE channel.account_id = ?1 AND channel.id < ?2 ORDER BY channel.id DESC LIMIT ?3",
      .text(account), .text(before ?? Identifier.beyond("phone")), .integer(limit)
    ).map(Channel.init)
  }

  /// The access token as `SecretKey.seal` made it, or nil when there is no such channel.
  package func sealedToken(of id: String) throws(LedgerError) -> [UInt8]? {
    try transaction.first("SELECT access_token FROM channel WHERE id = ?1", .text(id))?.optionalBlob("access_token")
  }

  package func all() throws(LedgerError) -> [Channel] {
    try transaction.query(Channels.columns + " ORDER BY channel.created_at, channel.id").map(Channel.init)
  }
}

// MARK: - How fast may be sent

extension Channels {
  /// Writes down up to when a channel's messages are spread, in microseconds since 1970.
  package func pace(_ id: String, until spread: Int) throws(LedgerError) {
    try transaction.execute("UPDATE channel SET paced_until = ?2 WHERE id = ?1", .text(id), .integer(spread))
  }
}

// MARK: - A new token

extension Channels {
  /// Replaces a channel's access token; whether the number is its user's stays as it was.
  ///
  /// A paused channel goes on with it.
  ///
  /// - Returns: False when there is no such channel.
  package func replaceToken(of id: String, by sealedToken: [UInt8], at now: Date) throws(LedgerError) -> Bool {
    let changed = try transaction.execute(
      "UPDATE channel SET access_token = ?2, verify_after = NULL WHERE id = ?1", .text(id), .blob(sealedToken))
    guard changed == 1 else { return false }
    try resume(id, at: now)
    try transaction.gates.wake("channel.unverified", on: id, at: now)
    return true
  }

  /// Gives a number free that was never shown to be its user's; what was written to it stays with the channel.
  ///
  /// - Returns: False when there is no such channel, or it is verified.
  package func giveUp(_ id: String) throws(LedgerError) -> Bool {
    try transaction.execute(
      "UPDATE channel SET address_id = 'given-up:' || id || ':' || address_id WHERE id = ?1 AND verified_at IS NULL", .text(id)) == 1
  }
}

// MARK: - Paused, because the platform takes nothing from it

extension Channels {
  /// The kind of the alert about a channel from which the platform takes nothing.
  package static let pausedAlert = "channel.paused"
  /// What the turns of a paused channel wait for.
  package static let pausedReason = "channel.paused"

  /// Keeps a channel's queue: nothing is asked or sent for it until somebody resumes it, or that time has come.
  ///
  /// - Parameters:
  ///   - id: The channel.
  ///   - until: When it is tried by itself (UTC); nil for never.
  ///   - reason: Why, bounded.
  ///   - message: What has happened and what to do, for the alert.
  ///   - now: The time (UTC).
  /// - Throws: Why it goes on.
  package func pause(_ id: String, until: Date?, for reason: String, _ message: String, at now: Date) throws(LedgerError) {
    // Tried again by itself so far, and now not before somebody has done something: that is another thing to know.
    if until == nil, let gate = try transaction.gates.gate(.channel(id)), gate.alert != nil, gate.notBefore != nil {
      try transaction.alerts.resolve(Channels.pausedAlert, about: id, at: now)
    }
    let alert = try transaction.alerts.raise(Channels.pausedAlert, about: id, message, at: now)
    try transaction.gates.bar(.channel(id), until: until, reason: reason, alert: alert, at: now)
  }

  /// Lets a paused channel go on: what waited is due now, in the order in which it came.
  ///
  /// - Returns: How many turns; nil when it was not paused.
  @discardableResult
  package func resume(_ id: String, at now: Date) throws(LedgerError) -> Int? {
    guard let gate = try transaction.gates.gate(.channel(id)), gate.alert != nil else { return nil }
    try transaction.gates.open(.channel(id))
    try transaction.alerts.resolve(Channels.pausedAlert, about: id, at: now)
    try transaction.alerts.resolve(Alerts.openBreaker, about: id, at: now)
    return try transaction.gates.wake(Channels.pausedReason, on: id, at: now)
  }
}

// MARK: - Verification: whose number it is

extension Channels {
  /// Takes the right to ask the platform whether a channel is its owner's, once in a while for all processes together.
  ///
  /// A time that lies further ahead than `pause` was written by a clock that has been set back since, and counts for nothing.
  ///
  /// - Returns: False when it is verified, or when somebody has asked since less than `pause` ago.
  package func mayVerify(_ id: String, pause: Duration, at now: Date) throws(LedgerError) -> Bool {
    try transaction.execute(
      """
      UPDATE channel SET verify_after = ?3 WHERE id = ?1 AND verified_at IS NULL
        AND (verify_after IS NULL OR verify_after <= ?2 OR verify_after > ?3)
      """, .text(id), .date(now), .date(now.addingTimeInterval(Double(pause.milliseconds) / 1000))) == 1
  }

  /// Notes that the platform has let the channel's token see the number, and lets the turns go on that waited for it.
  package func verify(_ id: String, at now: Date) throws(LedgerError) {
    let changed = try transaction.execute(
      "UPDATE channel SET verified_at = ?2 WHERE id = ?1 AND verified_at IS NULL", .text(id), .date(now))
    guard changed == 1 else { return }
    // The states of the index of living turns: without them every turn of the channel would be looked at.
    try transaction.execute(
      """
      UPDATE turn SET due_at = ?2, tries = 0
      WHERE \(Turns.living) AND state = 'waiting' AND reason = 'channel.unverified'
        AND conversation_id IN (SELECT id FROM conversation WHERE channel_id = ?1)
      """, .text(id), .date(now))
    try transaction.conversations.reschedule(channel: id)
  }
}

extension Transaction {
  package var channels: Channels { Channels(transaction: self) }
}
