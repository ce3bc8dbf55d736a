internal import ArgumentParser
internal import Deciding
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
    @Option(parsing: .unconditional, help: ArgumentHelp("How many, 1 or more.", valueName: "credits"))
    var amount: Int
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      guard (1...1_000_000_000).contains(amount) else { throw ValidationError("--amount is \(amount); it must be 1 to 1000000000") }
    }

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      let ledger = try installation.knownLedger()
      let (user, amount, wakes) = (user, amount, installation.settings.wakesAfterCredits)
      let (balance, refused) = try await ledger.writeOrFail { transaction throws(LedgerError) in
        (try transaction.credits.add(amount, to: user, wakes: wakes, at: Date()), try transaction.wakes.countRefused(of: user))
      }
      await ledger.close()
      guard let balance else { throw CommandFailure.no("user", user) }
      Answer.line("\(balance)")
      CreditsCommand.tell(refused, wakes ? "now, the oldest first, as far as the credits and their 24 hours go" : nil)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints a user's balance.")

    @Option(help: ArgumentHelp("Whose it is.", valueName: "id"))
    var user: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      let ledger = try installation.knownLedger()
      let user = user
      let (balance, refused) = try await ledger.readOrFail { transaction throws(LedgerError) in
        (try transaction.credits.balance(of: user), try transaction.wakes.countRefused(of: user))
      }
      await ledger.close()
      guard let balance else { throw CommandFailure.no("user", user) }
      Answer.line("\(balance)")
      CreditsCommand.tell(refused, installation.settings.wakesAfterCredits ? "when credits are added, while their 24 hours last" : nil)
    }
  }

  /// Says how many messages lack credits, and when they are answered; by itself never when `answered` is nil.
  private static func tell(_ refused: Int, _ answered: String?) {
    guard refused > 0 else { return }
    let what = refused == 1 ? "1 message of the last day was" : "\(refused) messages of the last day were"
    let then = answered.map { "answered \($0)" } ?? "listed by `replyd failed --reason credits`, and run again by `replyd replay`"
    Talk.say("\(what) refused for lack of credits: \(then)")
  }
}

extension Wakes {
  fileprivate func countRefused(of account: String) throws(LedgerError) -> Int {
    try count(refusedFor: Refusal.creditsInsufficient.reason, of: account, at: Date())
  }
}
