internal import ArgumentParser

extension SandboxCommand {
  struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Starts the sandbox's stand-in for Meta alone, for `replyd process` beside it.",
      discussion: """
        Makes a user, a number, an agent and credits the first time. Everything stays under the data folder and on loopback. It runs until \
        Ctrl-C. The stand-in lists what was sent at URL/simulator/sent and takes faults at URL/simulator/faults. \
        `replyd serve --sandbox` takes webhooks, serves the API and answers as well.
        """)

    @Option(help: ArgumentHelp("The stand-in's port on 127.0.0.1; any free one when not given.", valueName: "port"))
    var port: Int?
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      if let port, !(1...65_535).contains(port) { throw ValidationError("--port is \(port); it must be 1 to 65535") }
    }

    func run() async throws {
      try await SandboxServe(options: options, flags: [], answers: false, port: port).run()
    }
  }
}
