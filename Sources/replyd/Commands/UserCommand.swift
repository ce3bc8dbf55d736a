internal import ArgumentParser
internal import Deciding
internal import Foundation
internal import Recording

struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Users: who owns channels, agents and credits.", subcommands: [Add.self, List.self, Words.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds a user.", discussion: "stdout: the user's id. stderr: the API key, shown this once and kept as a hash only.")

    @Option(help: "The e-mail address; it need not be unique.")
    var email: String
    @Option(help: "The person's name.")
    var name: String
    @Option(help: ArgumentHelp("The company's name.", valueName: "name"))
    var company: String?
    @Flag(help: "Answer in JSON: user_id and api_key.")
    var json = false
    @OptionGroup var options: SettingsOptions

    struct Report: Encodable {
      let userId: String
      let apiKey: String
    }

    func validate() throws {
      guard email.contains("@"), email.count <= 254 else { throw ValidationError("--email is “\(email)”; it must be an e-mail address") }
      guard !name.isEmpty, name.count <= 200 else { throw ValidationError("--name must have 1 to 200 characters") }
    }

    func run() async throws {
      let ledger = try Installation(settings: try Settings(options)).ledger()
      let key = APIKey.fresh()
      let (email, name, company) = (email, name, company)
      let id = try await ledger.writeOrFail { transaction throws(LedgerError) in
        try transaction.accounts.add(email: email, name: name, companyName: company, key: key, at: Date())
      }
      await ledger.close()
      if json { return try Answer.json(Report(userId: id, apiKey: key.secret)) }
      Answer.line(id)
      Talk.say("API key, shown this once: \(key.secret)")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the users: id, e-mail, name, credits.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      guard let ledger = try installation.existingLedger() else { return installation.tellThatThereAreNo("users") }
      let accounts = try await ledger.readOrFail { transaction throws(LedgerError) in try transaction.accounts.all() }
      await ledger.close()
      if accounts.isEmpty { Talk.say("there are no users yet") }
      for account in accounts {
        Answer.line("\(account.id)  \(account.email)  \(account.name)  \(account.balance) credits\(account.isDisabled ? "  disabled" : "")")
      }
    }
  }

  struct Words: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The words by which a user's customers stop messages, and ask for them again.",
      discussion: """
        Without words the ones of each language are shown or, with --standard, used again. A word counts when it is all that a message says.
        """)

    @Argument(help: ArgumentHelp("The user.", valueName: "id"))
    var user: String
    @Option(help: ArgumentHelp("A word that stops messages; may be given several times.", valueName: "word"))
    var stop: [String] = []
    @Option(help: ArgumentHelp("A word that asks for them again; may be given several times.", valueName: "word"))
    var start: [String] = []
    @Option(help: ArgumentHelp("What confirms that no more is sent.", valueName: "text"))
    var stopText: String?
    @Option(help: ArgumentHelp("What confirms that messages are answered again.", valueName: "text"))
    var startText: String?
    @Flag(help: "Use the standard words.")
    var standard = false
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      let isGiven = [stop.isEmpty, start.isEmpty, stopText == nil, startText == nil].map { !$0 }
      guard !isGiven.contains(true) || !isGiven.contains(false) else {
        throw ValidationError("--stop, --start, --stop-text and --start-text go together")
      }
      guard !standard || !isGiven.contains(true) else { throw ValidationError("either --standard or words of one's own") }
      for word in stop + start where !(1...40).contains(word.utf8.count) { throw ValidationError("a word has 1 to 40 characters") }
      for text in [stopText, startText].compactMap({ $0 }) where !(1...4000).contains(text.utf16.count) {
        throw ValidationError("a text has 1 to 4000 characters")
      }
    }

    func run() async throws {
      let ledger = try Installation(settings: try Settings(options)).knownLedger()
      guard !stop.isEmpty || standard else {
        try await show(ledger)
        return await ledger.close()
      }
      var words: String?
      if !stop.isEmpty {
        let own = OptWords.Language(optOut: stop, optIn: start, optedOutText: stopText ?? "", optedInText: startText ?? "")
        words = String(decoding: try JSONEncoder().encode(own), as: UTF8.self)
      }
      let (id, stored) = (user, words)
      let isThere = try await ledger.writeOrFail { transaction throws(LedgerError) in try transaction.accounts.set(optWords: stored, of: id)
      }
      await ledger.close()
      guard isThere else { throw CommandFailure.no("user", id) }
      Answer.line(id)
    }

    private func show(_ ledger: SQLiteLedger) async throws {
      let id = user
      let account = try await ledger.readOrFail { transaction throws(LedgerError) in try transaction.accounts.account(id) }
      guard let account else { throw CommandFailure.no("user", id) }
      let own = account.optWords.flatMap { try? JSONDecoder().decode(OptWords.Language.self, from: Data($0.utf8)) }
      for language in own.map({ [$0] }) ?? OptWords.Language.standard {
        Answer.line("stop: \(language.optOut.joined(separator: ", "))  start: \(language.optIn.joined(separator: ", "))")
      }
    }
  }
}
