package import Foundation

/// What writes an agent's replies.
package enum ResponderKind: String, Hashable, Sendable, CaseIterable {
  case scripted
  case openai
}

/// How a channel answers.
package struct Agent: Hashable, Sendable {
  package let id: String
  package let channelID: String
  package let name: String
  package let responder: ResponderKind
  package let promptID: String?
  package let scriptPath: String?
  /// The model to be asked; nil for the setting's, or for the one that a stored prompt names.
  package let model: String?
  /// Credits a reply costs; zero or more.
  package let price: Int
  /// The agent's own quiet period, or nil for the setting's.
  package let quietPeriod: Duration?
  /// Whether it is the one that answers on its channel.
  package let isActive: Bool
  package let createdAt: Date
  /// When it answers, as text; nil for always.
  package let officeHours: String?
  /// What it says when the office is closed; there if it has hours.
  package let awayText: String?
  /// Credits; zero or more.
  package let awayPrice: Int
  /// What it may send outside the window, as JSON; nil for nothing.
  package let template: String?
  /// Credits; zero or more.
  package let templatePrice: Int
  /// Whether the model may give a conversation to a person.
  package let mayHandOff: Bool

  init(_ row: Row) {
    id = row.text("id")
    channelID = row.text("channel_id")
    name = row.text("name")
    // The schema allows no other word.
    responder = ResponderKind(rawValue: row.text("responder")) ?? .scripted
    promptID = row.optionalText("prompt_id")
    scriptPath = row.optionalText("script_path")
    model = row.optionalText("model")
    price = row.integer("price")
    quietPeriod = row.optionalInteger("quiet_period").map { .milliseconds($0) }
    isActive = row.flag("is_active")
    createdAt = row.date("created_at")
    officeHours = row.optionalText("office_hours")
    awayText = row.optionalText("away_text")
    awayPrice = row.integer("away_price")
    template = row.optionalText("template")
    templatePrice = row.integer("template_price")
    mayHandOff = row.flag("may_hand_off")
  }
}

/// The agents; a channel has at most one that is active.
package struct Agents {
  let transaction: any Transaction

  /// Adds an agent and makes it the one that answers on its channel; the one before stays for the history.
  ///
  /// An office has hours, and what is said outside them; an agent without one answers always. What the one before may send outside the window,
  /// this one may send, too.
  package func add(
    channel: String, name: String, responder: ResponderKind, promptID: String? = nil, scriptPath: String? = nil, model: String? = nil,
    price: Int = 1, quietPeriod: Duration? = nil, office: (hours: String, awayText: String, awayPrice: Int)? = nil,
    mayHandOff: Bool = false, at now: Date
  ) throws(LedgerError) -> String {
    let (id, before) = (Identifier.fresh("agent", at: now), try active(on: channel))
    try transaction.execute("UPDATE agent SET is_active = 0 WHERE channel_id = ?1 AND is_active = 1", .text(channel))
    try transaction.execute(
      """
      INSERT INTO agent
        (id, channel_id, name, responder, prompt_id, script_path, price, quiet_period, is_active, created_at, model, office_hours, away_text,
         away_price, may_hand_off, template, template_price)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
      """,
      .text(id), .text(channel), .text(name), .text(responder.rawValue), .text(promptID), .text(scriptPath), .integer(price),
      .integer(quietPeriod?.milliseconds), .date(now), .text(model), .text(office?.hours), .text(office?.awayText),
      .integer(office?.awayPrice ?? 0), .integer(mayHandOff ? 1 : 0), .text(before?.template), .integer(before?.templatePrice ?? 1))
    return id
  }

  /// Gives an agent what it may send outside the window, or takes it away.
  ///
  /// - Parameters:
  ///   - template: As JSON; nil for none.
  ///   - price: What it costs, zero or more.
  ///   - agent: Whose it is.
  /// - Returns: False when there is no such agent.
  /// - Throws: Why nothing was changed.
  package func set(template: String?, price: Int, of agent: String) throws(LedgerError) -> Bool {
    try transaction.execute(
      "UPDATE agent SET template = ?2, template_price = ?3 WHERE id = ?1", .text(agent), .text(template), .integer(price)) == 1
  }

  /// A user's agents, newest first.
  ///
  /// - Parameters:
  ///   - account: The user.
  ///   - before: Where the page before ended, an agent's id; nil for the first page.
  ///   - limit: How many at most.
  /// - Returns: Those that answered once included.
  /// - Throws: Why the ledger could not be read.
  package func page(of account: String, before: String?, limit: Int) throws(LedgerError) -> [Agent] {
    try transaction.query(
      """
      SELECT agent.* FROM agent JOIN channel ON channel.id = agent.channel_id
      WHERE channel.account_id = ?1 AND agent.id < ?2 ORDER BY agent.id DESC LIMIT ?3
      """, .text(account), .text(before ?? Identifier.beyond("agent")), .integer(limit)
    ).map(Agent.init)
  }

  /// The agent that answers on a channel now.
  package func active(on channel: String) throws(LedgerError) -> Agent? {
    try transaction.first("SELECT * FROM agent WHERE channel_id = ?1 AND is_active = 1", .text(channel)).map(Agent.init)
  }
}

extension Transaction {
  package var agents: Agents { Agents(transaction: self) }
}

extension Duration {
  /// Whole milliseconds, cut off.
  package var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
