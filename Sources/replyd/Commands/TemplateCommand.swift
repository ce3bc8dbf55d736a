internal import ArgumentParser
internal import Foundation
internal import Recording
internal import Sending

struct TemplateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Templates: what an agent may send once the 24 hours are over.",
    subcommands: [Set.self, Remove.self])

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Gives the agent of a channel the template that reaches a customer whose 24 hours are over.",
      discussion: """
        It must be approved by Meta under this name and language. A customer gets one a day at most, and none after having refused advertising, \
        unless it is a --utility one. A parameter may hold {name}, {phone}, {channel} and {message}, each with what stands for it where nothing \
        is known: {name|there}.
        """)

    @Option(help: ArgumentHelp("The channel whose agent sends it.", valueName: "id"))
    var channel: String
    @Option(help: ArgumentHelp("Its name at Meta.", valueName: "name"))
    var name: String
    @Option(help: ArgumentHelp("Its language, as pt_PT.", valueName: "code"))
    var language: String
    @Option(help: ArgumentHelp("What fills the next place of its body; may be given several times.", valueName: "text"))
    var parameter: [String] = []
    @Option(parsing: .unconditional, help: ArgumentHelp("Credits that it costs, 0 or more; 1 when not given.", valueName: "credits"))
    var price: Int?
    @Flag(help: "Meta has approved it as a utility template, not as advertising.")
    var utility = false
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      if let price, !(0...1_000_000).contains(price) { throw ValidationError("--price is \(price); it must be 0 to 1000000") }
      _ = try pattern()
    }

    private func pattern() throws(ValidationError) -> TemplatePattern {
      do throws(TemplatePattern.Problem) {
        return try TemplatePattern(name: name, language: language, parameters: parameter, isMarketing: !utility)
      } catch {
        throw ValidationError(error.message)
      }
    }

    func run() async throws {
      let json = String(decoding: try JSONEncoder().encode(try pattern()), as: UTF8.self)
      try await TemplateCommand.set(json, price: price ?? 1, on: channel, options)
    }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Takes the template from the agent of a channel.")

    @Option(help: ArgumentHelp("The channel.", valueName: "id"))
    var channel: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      try await TemplateCommand.set(nil, price: 1, on: channel, options)
    }
  }

  private static func set(_ template: String?, price: Int, on channel: String, _ options: SettingsOptions) async throws {
    let ledger = try Installation(settings: try Settings(options)).knownLedger()
    let agent = try await ledger.writeOrFail { transaction throws(LedgerError) -> String? in
      guard let agent = try transaction.agents.active(on: channel) else { return nil }
      return try transaction.agents.set(template: template, price: price, of: agent.id) ? agent.id : nil
    }
    await ledger.close()
    guard let agent else {
      throw CommandFailure(.wrongCall, "there is no channel \(channel) with an agent; `replyd channel list` lists them")
    }
    Answer.line(agent)
  }
}
