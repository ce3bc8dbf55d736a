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
    let spool = try Installation(settings: try Settings(options)).spoolToRead()
    let failures: [FailedPayload]
    do {
      failures = try spool.failures()
    } catch {
      throw CommandFailure(error)
    }
    let wanted = failures.filter { failure in
      guard let reason else { return true }
      return failure.code == reason || failure.code.hasPrefix(reason + ".")
    }
    if wanted.isEmpty { tellThatNoneHas(failures) }
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
          "\(failure.payload.path)  \(failure.code)  \(failure.reason?.message ?? "its reason file is gone")")
      }
    }
  }

  private func tellThatNoneHas(_ failures: [FailedPayload]) {
    guard let reason, !failures.isEmpty else { return Talk.say("nothing has failed") }
    let known = Dictionary(grouping: failures, by: \.code).sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.count))" }
    Talk.say("nothing has failed for “\(reason)”; there are \(known.joined(separator: ", "))")
  }
}

extension FailedPayload {
  /// Its reason's, where it has one that can be read.
  fileprivate var code: String { reason?.reason ?? "unknown" }
}
