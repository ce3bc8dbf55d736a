package import Foundation

/// One address that customers write to.
package struct Channel: Hashable, Sendable {
  package let id: String
  package let accountID: String
  package let platform: String
  /// The platform's id of the address: a phone number id on WhatsApp.
  package let addressID: String
  package let displayName: String
  package let isDisabled: Bool

  init(_ row: Row) {
    id = row.text("id")
    accountID = row.text("account_id")
    platform = row.text("platform")
    addressID = row.text("address_id")
    displayName = row.text("display_name")
    isDisabled = row.flag("is_disabled")
  }
}

/// The channels, found by id or by the platform's address.
package struct Channels {
  let transaction: any Transaction

  private static let columns = """
    SELECT channel.id, channel.account_id, platform, address_id, display_name, is_disabled
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

  /// The one channel of this installation on that platform, or nil when there are none or several.
  package func onlyChannel(platform: String) throws(LedgerError) -> Channel? {
    let channels = try transaction.query(Channels.columns + " WHERE platform = ?1 LIMIT 2", .text(platform))
    return channels.count == 1 ? channels.first.map(Channel.init) : nil
  }

  package func all() throws(LedgerError) -> [Channel] {
    try transaction.query(Channels.columns + " ORDER BY channel.created_at, channel.id").map(Channel.init)
  }
}

extension Transaction {
  package var channels: Channels { Channels(transaction: self) }
}
