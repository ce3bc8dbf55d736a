internal import ArgumentParser
internal import Foundation
internal import Recording
internal import Serving

struct ConversationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conversation", abstract: "Conversations: who talks on which channel, and who answers.",
    subcommands: [List.self, HandOff.self, Resume.self, Close.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the conversations, newest first: id, channel, customer, state, last turn.",
      discussion: "A conversation is open, held, human (a person answers), opted-out, closed, or archived (quiet for 30 days).")

    @Option(help: ArgumentHelp("Only this user's.", valueName: "id"))
    var user: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("How many at most, 1 to 10000.", valueName: "count"))
    var limit = 100
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      guard (1...10_000).contains(limit) else { throw ValidationError("--limit is \(limit); it must be 1 to 10000") }
    }

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      guard let ledger = try installation.existingLedger() else { return installation.tellThatThereAreNo("conversations") }
      let (user, limit, now) = (user, limit, Date())
      let conversations = try await ledger.readOrFail { transaction throws(LedgerError) -> [ConversationRecord]? in
        if let user, try transaction.accounts.account(user) == nil { return nil }
        return try transaction.conversations.page(of: user, before: nil, limit: limit)
      }
      await ledger.close()
      guard let conversations else { throw CommandFailure.no("user", user ?? "") }
      if conversations.isEmpty { Talk.say(user.map { "\($0) has no conversations yet" } ?? "there are no conversations yet") }
      for one in conversations {
        let customer = one.phone.map { "+\($0)" } ?? one.scopedID ?? one.customerID
        let last = one.lastTurnAt.map { $0.formatted(.iso8601) } ?? "no turn"
        Answer.line(
          "\(one.id)  \(one.channelID)  \(customer)\(one.customerName.map { " (\($0))" } ?? "")  \(one.state(at: now).rawValue)  \(last)")
      }
    }
  }

  struct HandOff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "hand-off", abstract: "Silences the agent in a conversation: a person answers.",
      discussion: "What the customer writes meanwhile is kept. The agent answers again what comes after the time, or after `resume`.")

    @Argument(help: ArgumentHelp("The conversation.", valueName: "id"))
    var conversation: String
    @Option(name: .customLong("for"), help: ArgumentHelp("For how long: 1m to 30d; answer.handoff when not given.", valueName: "time"))
    var period: String?
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      let periods = Duration.seconds(60) ... .seconds(30 * 86_400)
      if let period, !(Duration(text: period).map { periods.contains($0) } ?? false) {
        throw ValidationError("--for is “\(period)”; it must be \(periods.form)")
      }
    }

    func run() async throws {
      let settings = try Settings(options)
      let length = period.flatMap(Duration.init(text:)) ?? settings.handOffPeriod
      let (id, until) = (conversation, Date().addingTimeInterval(Double(length.milliseconds) / 1000))
      try await ConversationCommand.change(id, settings) { transaction throws(LedgerError) in
        try transaction.conversations.handOff(id, until: until)
      }
    }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lets the agent answer again in a conversation that a person had.")

    @Argument(help: ArgumentHelp("The conversation.", valueName: "id"))
    var conversation: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let id = conversation
      try await ConversationCommand.change(id, try Settings(options)) { transaction throws(LedgerError) in
        try transaction.conversations.resume(id)
      }
    }
  }

  struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ends a conversation.",
      discussion: "The customer's next message opens it again, and the agent answers without what was said before.")

    @Argument(help: ArgumentHelp("The conversation.", valueName: "id"))
    var conversation: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let id = conversation
      try await ConversationCommand.change(id, try Settings(options)) { transaction throws(LedgerError) in
        try transaction.conversations.close(id, at: Date())
      }
    }
  }

  private static func change(
    _ id: String, _ settings: Settings, _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> Bool
  ) async throws {
    let ledger = try Installation(settings: settings).knownLedger()
    let isThere = try await ledger.writeOrFail(body)
    await ledger.close()
    guard isThere else { throw CommandFailure.no("conversation", id) }
    Answer.line(id)
  }
}
