internal import ArgumentParser
internal import Foundation
internal import Recording
internal import Replying

struct PromptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prompt", abstract: "Prompts: what a model is told to be.", subcommands: [Add.self, List.self, Show.self])

  /// The most characters of a prompt.
  static let longest = 32_000

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds a prompt, or the next version of one.",
      discussion: """
        stdout: the prompt's id. Without --file it begins with a text to start from: `replyd prompt show ID > prompt.txt`, edit it, \
        then `replyd prompt add --user … --prompt ID --file prompt.txt`. Turns that begin from then on are answered by the new version. \
        {{customer_name|there}}, {{channel_name}}, {{date}} and {{time}} are filled in.
        """)

    @Option(help: ArgumentHelp("Whose it is.", valueName: "id"))
    var user: String
    @Option(help: "What it is called; not needed for a new version.")
    var name: String?
    @Option(help: ArgumentHelp("The prompt that gets a new version.", valueName: "id"))
    var prompt: String?
    @Option(help: ArgumentHelp("Its text, or - for standard input.", valueName: "file"))
    var file: String?
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      guard prompt != nil || name.map({ (1...200).contains($0.count) }) == true else {
        throw ValidationError("--name must have 1 to 200 characters")
      }
      guard prompt == nil || file != nil else { throw ValidationError("a new version needs --file") }
    }

    func run() async throws {
      let text = try text()
      for warning in PromptTemplate(text).warnings { Talk.say("\(file ?? "prompt"): \(warning)") }
      let ledger = try Installation(settings: try Settings(options)).knownLedger()
      let (user, name, prompt) = (user, name ?? "", prompt)
      let outcome = try await ledger.writeOrFail { transaction throws(LedgerError) -> Outcome in
        guard try transaction.accounts.account(user) != nil else { return .noUser }
        guard let prompt else { return .added(try transaction.prompts.add(account: user, name: name, text: text, at: Date())) }
        return try transaction.prompts.revise(prompt, of: user, text: text, at: Date()).map(Outcome.added) ?? .noPrompt(prompt)
      }
      await ledger.close()
      switch outcome {
      case .added(let version):
        Answer.line(version.promptID)
        Talk.say("version \(version.version)")
      case .noUser: throw CommandFailure.no("user", user)
      case .noPrompt(let id):
        throw CommandFailure(.wrongCall, "\(user) has no prompt \(id); `replyd prompt list --user \(user)` lists them")
      }
    }

    private enum Outcome: Sendable {
      case added(PromptVersion)
      case noUser
      case noPrompt(String)
    }

    private func text() throws(CommandFailure) -> String {
      guard let file else { return Prompt.starter }
      let contents = file == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
      guard let contents, let text = String(data: contents, encoding: .utf8) else {
        throw CommandFailure(.wrongCall, "the prompt's file \(file) cannot be read as UTF-8 text")
      }
      guard text.contains(where: { !$0.isWhitespace }), text.count <= PromptCommand.longest, !text.contains("\0") else {
        throw CommandFailure(.wrongCall, "the prompt in \(file) must have 1 to \(PromptCommand.longest) characters, and no NUL among them")
      }
      return text
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists a user's prompts: id, version, name.")

    @Option(help: ArgumentHelp("Whose they are.", valueName: "id"))
    var user: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let ledger = try Installation(settings: try Settings(options)).knownLedger()
      let user = user
      let prompts = try await ledger.readOrFail { transaction throws(LedgerError) -> [PromptVersion]? in
        guard try transaction.accounts.account(user) != nil else { return nil }
        return try transaction.prompts.page(of: user, before: nil, limit: 10_000)
      }
      await ledger.close()
      guard let prompts else { throw CommandFailure.no("user", user) }
      if prompts.isEmpty { Talk.say("\(user) has no prompts yet") }
      for prompt in prompts { Answer.line("\(prompt.promptID)  version \(prompt.version)  \(prompt.name)") }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints a prompt's text.", discussion: "stdout: the text. stderr: its name and version.")

    @Argument(help: ArgumentHelp("Which one.", valueName: "id"))
    var prompt: String
    @Option(parsing: .unconditional, help: ArgumentHelp("Which version; the newest when not given.", valueName: "number"))
    var version: Int?
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let ledger = try Installation(settings: try Settings(options)).knownLedger()
      let (id, number) = (prompt, version)
      let found = try await ledger.readOrFail { transaction throws(LedgerError) -> PromptVersion? in
        guard let number else { return try transaction.prompts.newest(id) }
        return try transaction.prompts.version(number, of: id)
      }
      await ledger.close()
      guard let found else {
        throw CommandFailure(
          .wrongCall, "there is no prompt \(id)\(number.map { " of version \($0)" } ?? ""); `replyd prompt list --user ID` lists a user's")
      }
      Answer.line(found.text)
      Talk.say("\(found.name), version \(found.version)")
    }
  }
}
