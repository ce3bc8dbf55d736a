internal import ArgumentParser
internal import Foundation
internal import Recording

struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Users: who owns channels, agents and credits.", subcommands: [Add.self, List.self])

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
      guard let ledger = try Installation(settings: try Settings(options)).existingLedger() else {
        return Talk.say("there are no users yet")
      }
      let accounts = try await ledger.readOrFail { transaction throws(LedgerError) in try transaction.accounts.all() }
      await ledger.close()
      for account in accounts {
        Answer.line("\(account.id)  \(account.email)  \(account.name)  \(account.balance) credits\(account.isDisabled ? "  disabled" : "")")
      }
    }
  }
}
