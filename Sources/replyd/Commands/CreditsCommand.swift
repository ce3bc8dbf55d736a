internal import ArgumentParser
internal import Foundation
internal import Recording

struct CreditsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credits", abstract: "Credits: what a reply costs, paid ahead.", subcommands: [Add.self, Show.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds credits to a user.",
      discussion: """
        stdout: the new balance. What was refused for lack of credits is then answered, the oldest first, as far as the credits and the 24 \
        hours go (unless credits.wake is false): within ten seconds by a process that runs, or by the next one.
        """)

    @Option(help: ArgumentHelp("Whose they are.", valueName: "id"))
    var user: String
    @Option(help: ArgumentHelp("How many, 1 or more.", valueName: "credits"))
    var amount: Int
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      guard (1...1_000_000_000).contains(amount) else { throw ValidationError("--amount is \(amount); it must be 1 to 1000000000") }
    }

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      let ledger = try installation.ledger()
      let (user, amount, wakes) = (user, amount, installation.settings.wakesAfterCredits)
      let balance = try await ledger.writeOrFail { transaction throws(LedgerError) in
        try transaction.credits.add(amount, to: user, wakes: wakes, at: Date())
      }
      await ledger.close()
      guard let balance else { throw CommandFailure(.wrongCall, "there is no user \(user); `replyd user list` lists them") }
      Answer.line("\(balance)")
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints a user's balance.")

    @Option(help: ArgumentHelp("Whose it is.", valueName: "id"))
    var user: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let ledger = try Installation(settings: try Settings(options)).ledger()
      let user = user
      let balance = try await ledger.readOrFail { transaction throws(LedgerError) in try transaction.credits.balance(of: user) }
      await ledger.close()
      guard let balance else { throw CommandFailure(.wrongCall, "there is no user \(user); `replyd user list` lists them") }
      Answer.line("\(balance)")
    }
  }
}
