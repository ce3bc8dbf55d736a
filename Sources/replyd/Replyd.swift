internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Processing

/// The program: one command, its words in `Commands/`.
@main
struct Replyd: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "replyd",
    abstract: "Answers business messages: webhooks and payload files in, replies out.",
    discussion: """
      Settings come from flags, then the environment, then replyd.yaml; `replyd settings` lists them all.
      stdout is the answer (--json for programs), stderr is talk.
      Exit codes: 0 done, 1 some items failed, 2 the call was wrong, 75 try again later.
      """,
    version: version,
    subcommands: [
      ServeCommand.self, ReceiveCommand.self, ProcessCommand.self, StatusCommand.self, FailedCommand.self, ShowCommand.self,
      ReplayCommand.self, HoldCommand.self, ReleaseCommand.self, VerifyCommand.self, AuditCommand.self, PruneCommand.self, UserCommand.self,
      ChannelCommand.self, AgentCommand.self, TemplateCommand.self, ConversationCommand.self, PromptCommand.self, CreditsCommand.self,
      SandboxCommand.self, SettingsCommand.self,
      VersionCommand.self,
    ])

  static func main() async {
    // A writer that opens a file on which we hold a read lease sends SIGIO, whose default action ends the process.
    signal(SIGIO, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    // The spool and the ledger are this user's alone.
    umask(0o077)
    raiseDescriptorLimit()
    do {
      if let complaint = CrashPoint.complaint { throw CommandFailure(.wrongCall, complaint) }
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      if let failure = Answer.failure { throw failure }
    } catch {
      leave(after: error)
    }
  }

  /// Thousands of conversations wait for an upstream at once, each with a connection.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    // Best effort: with less, requests wait for each other.
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private static func leave(after error: any Error) -> Never {
    if let failure = error as? CommandFailure {
      if !failure.text.isEmpty { Talk.say("replyd: \(failure.text)") }
      Glibc.exit(failure.code.rawValue)
    }
    let message = fullMessage(for: error)
    if exitCode(for: error) == .success {
      print(message)
      Glibc.exit(0)
    }
    if !message.isEmpty { Talk.say(message) }
    Glibc.exit(error is ExitCode ? exitCode(for: error).rawValue : ExitStatus.wrongCall.rawValue)
  }
}
