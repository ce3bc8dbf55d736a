internal import ArgumentParser
internal import Deciding
internal import Foundation
internal import Recording
internal import Replying
internal import Serving

struct AgentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agent", abstract: "Agents: how a channel answers.", subcommands: [Add.self, Script.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Gives a channel its agent; one that it had before answers no more.",
      discussion: """
        stdout: the agent's id. With --prompt a model answers. Otherwise a script does, the built-in one without --script; \
        `replyd agent script > script.yaml` writes it down to begin from. An edited script is read again by itself.
        """)

    @Option(help: ArgumentHelp("The channel that it answers on.", valueName: "id"))
    var channel: String
    @Option(help: "What it is called.")
    var name: String
    @Option(help: ArgumentHelp("Its script, in YAML.", valueName: "file"))
    var script: String?
    @Option(help: ArgumentHelp("The prompt that a model answers by: prompt_… of this replyd, or pmpt_… of OpenAI.", valueName: "id"))
    var prompt: String?
    @Option(help: ArgumentHelp("The model; OPENAI_MODEL when not given.", valueName: "name"))
    var model: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Credits that a reply costs, 0 or more.", valueName: "credits"))
    var price: Int?
    @Option(help: ArgumentHelp("How long a customer must be quiet before it answers: 0s to 10m.", valueName: "time"))
    var quietPeriod: String?
    @Flag(help: "Gives the model a tool to hand a conversation to a person; the agent is silent then, as after `conversation hand-off`.")
    var handOff = false
    @Option(
      help: ArgumentHelp(
        "When it answers: “Mon-Fri 09:00-18:00, Sat 10:00-13:00 Europe/Lisbon”; always when not given.", valueName: "times"))
    var officeHours: String?
    @Option(help: ArgumentHelp("What it says outside these hours, once each time the office is closed.", valueName: "text"))
    var awayText: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Credits that this costs, 0 when not given.", valueName: "credits"))
    var awayPrice: Int?
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      guard (1...200).contains(name.count) else { throw ValidationError("--name must have 1 to 200 characters") }
      guard (officeHours == nil) == (awayText == nil) else {
        throw ValidationError("--office-hours and --away-text go together: a customer who writes outside the hours is told so")
      }
      guard awayPrice == nil || officeHours != nil else { throw ValidationError("--away-price goes with --office-hours") }
      if let awayPrice, !(0...1_000_000).contains(awayPrice) {
        throw ValidationError("--away-price is \(awayPrice); it must be 0 to 1000000")
      }
      if let awayText, !(1...4000).contains(awayText.utf16.count) { throw ValidationError("--away-text must have 1 to 4000 characters") }
      if let officeHours {
        do {
          _ = try OfficeHours(officeHours)
        } catch {
          throw ValidationError("--office-hours: \(error.message)")
        }
      }
      if let price, !(0...1_000_000).contains(price) { throw ValidationError("--price is \(price); it must be 0 to 1000000") }
      guard prompt == nil || script == nil else { throw ValidationError("either --prompt or --script: an agent answers by one of them") }
      guard !handOff || prompt != nil else { throw ValidationError("--hand-off goes with --prompt: a script calls nobody") }
      if let prompt, !(1...200).contains(prompt.count) { throw ValidationError("--prompt must have 1 to 200 characters") }
      let periods = Duration.zero ... .seconds(600)
      if let quietPeriod, !(Duration(text: quietPeriod).map { periods.contains($0) } ?? false) {
        throw ValidationError("--quiet-period is “\(quietPeriod)”; it must be \(periods.form)")
      }
    }

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      var path: String?
      if let script {
        do {
          for warning in try ScriptShelf.read(script).warnings { Talk.say("\(script): \(warning)") }
        } catch {
          throw CommandFailure(.wrongCall, "\(error.message)")
        }
        path = URL(fileURLWithPath: script).standardizedFileURL.path
      }
      let ledger = try installation.knownLedger()
      let (channel, name, price, quiet, scriptPath) = (channel, name, price ?? 1, quietPeriod.flatMap(Duration.init(text:)), path)
      let (prompt, model, handOff) = (prompt, model, handOff)
      let (hours, awayText, awayPrice) = (officeHours, awayText, awayPrice ?? 0)
      let added = try await ledger.writeOrFail { transaction throws(LedgerError) -> (id: String, knowsPrompt: Bool)? in
        guard let known = try transaction.channels.channel(channel) else { return nil }
        var knowsPrompt = true
        if let prompt, !prompt.hasPrefix("pmpt_") {
          knowsPrompt = try transaction.prompts.newest(prompt)?.accountID == known.accountID
        }
        let id = try transaction.agents.add(
          channel: channel, name: name, responder: prompt == nil ? .scripted : .openai, promptID: prompt, scriptPath: scriptPath,
          model: model, price: price, quietPeriod: quiet, office: hours.map { ($0, awayText ?? "", awayPrice) },
          mayHandOff: handOff, at: Date())
        return (id, knowsPrompt)
      }
      await ledger.close()
      guard let (id, knowsPrompt) = added else {
        throw CommandFailure.no("channel", channel)
      }
      if !knowsPrompt { Talk.say("the channel's user has no such prompt; until there is one, turns fail as reply.prompt_unknown") }
      Answer.line(id)
    }
  }

  struct Script: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints the built-in script, to begin one's own from.")

    func run() {
      Answer.line(Replying.Script.starter)
    }
  }
}
