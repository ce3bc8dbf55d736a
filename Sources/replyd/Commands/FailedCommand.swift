internal import ArgumentParser
internal import Foundation
internal import Spooling

struct FailedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "failed", abstract: "Lists what failed, and why.",
    discussion: "One file a line: its path, its reason, what happened. `replyd replay FILE` runs one again.")

  @Flag(help: "Answer in JSON.")
  var json = false
  @Option(help: ArgumentHelp("Only this reason, or all below it: window, window.expired.", valueName: "reason"))
  var reason: String?
  @OptionGroup var options: SettingsOptions

  struct Report: Encodable {
    struct File: Encodable {
      let path: String
      let reason: String?
      let message: String?
      let advice: String?
      let at: Date?
      let correlationId: String?
      let line: Int?
    }

    let failed: [File]
  }

  func run() throws {
    let spool = try Installation(settings: try Settings(options)).existingSpool()
    let failures: [FailedPayload]
    do {
      failures = try spool.failures()
    } catch {
      throw CommandFailure(error)
    }
    let wanted = failures.filter { failure in
      guard let reason else { return true }
      let code = failure.reason?.reason ?? "unknown"
      return code == reason || code.hasPrefix(reason + ".")
    }
    if json {
      try Answer.json(
        Report(
          failed: wanted.map { failure in
            Report.File(
              path: failure.payload.path, reason: failure.reason?.reason, message: failure.reason?.message, advice: failure.reason?.advice,
              at: failure.reason?.at, correlationId: failure.reason?.correlationID, line: failure.reason?.line)
          }))
    } else {
      for failure in wanted {
        Answer.line(
          "\(failure.payload.path)  \(failure.reason?.reason ?? "unknown")  \(failure.reason?.message ?? "its reason file is gone")")
      }
      if wanted.isEmpty { Talk.say("nothing has failed") }
    }
  }
}
