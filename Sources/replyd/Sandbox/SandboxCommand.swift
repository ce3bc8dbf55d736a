internal import ArgumentParser
internal import Foundation
internal import Parsing
internal import Recording
internal import Spooling
internal import Transferring

struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Tries replyd out without Meta.", subcommands: [Up.self, Say.self, Drop.self])

  /// The state of a sandbox that is up, or was.
  static func state(_ settings: Settings) throws(CommandFailure) -> SandboxState {
    guard let state = settings.sandbox else {
      throw CommandFailure(.wrongCall, "\(settings.data) is no sandbox; `replyd serve --sandbox` makes one")
    }
    return state
  }

  struct Say: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a message as a customer and prints the reply.", discussion: "stdout: the reply. stderr: where the payload went.")

    @Argument(help: "What the customer writes.")
    var text: String
    @Option(name: .customLong("from"), help: ArgumentHelp("The customer's phone number; digits.", valueName: "phone"))
    var customer: String?
    @Option(name: .customLong("to"), help: ArgumentHelp("The number's Meta id; the sandbox's own when not given.", valueName: "digits"))
    var number: String?
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      guard text.contains(where: { !$0.isWhitespace }) else { throw ValidationError("a customer's message has at least one word") }
      if let customer, !(5...20).contains(customer.utf8.count) || !customer.allSatisfy({ $0.isASCII && $0.isNumber }) {
        throw ValidationError("--from is “\(customer)”; it must be 5 to 20 digits")
      }
      if let number, !(1...32).contains(number.utf8.count) || !number.allSatisfy({ $0.isASCII && $0.isNumber }) {
        throw ValidationError("--to is “\(number)”; it must be 1 to 32 digits")
      }
    }

    func run() async throws {
      let settings = try Settings(options)
      let installation = Installation(settings: settings)
      let state = try SandboxCommand.state(settings)
      let ledger = try installation.ledger()
      let talk = SandboxTalk(
        spool: try installation.spool(), ledger: ledger, state: state, secret: settings.appSecrets.first,
        transferrer: try installation.transferrer())
      defer { talk.transferrer.close() }
      try await talk.say(
        text, from: customer ?? SandboxState.customer, to: number ?? SandboxState.number, patience: .seconds(30))
      await ledger.close()
    }
  }

  struct Drop: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Drops a copy of a payload file into the spool.", discussion: "stdout: its name in incoming/.")

    @Argument(help: "The payload.")
    var file: String
    @Flag(help: "Give its messages the present time and new ids.")
    var fresh = false
    @OptionGroup var options: SettingsOptions

    func run() throws {
      let settings = try Settings(options)
      _ = try SandboxCommand.state(settings)
      guard let contents = FileManager.default.contents(atPath: file) else { throw CommandFailure(.wrongCall, "\(file) cannot be read") }
      let spool = try Installation(settings: settings).spool()
      let bytes = fresh ? freshened(Array(contents), now: Date()) { _ in SandboxTalk.messageID() } : Array(contents)
      do {
        // A name of our own tells a time of receipt, which a fresh copy does not share.
        let name = URL(fileURLWithPath: file).lastPathComponent
        let isDated = PayloadID(name)?.receivedAt != nil
        Answer.line("\(try spool.dropCopy(of: bytes, named: fresh && isDated ? nil : name, receivedAt: Date()))")
      } catch {
        throw CommandFailure(error)
      }
    }
  }
}
