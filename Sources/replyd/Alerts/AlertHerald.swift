internal import Foundation
internal import Glibc
internal import Logging
internal import Processing
internal import Recording
internal import Transferring

/// Tells of alerts by a command of the operator's, and by a webhook of theirs.
struct AlertHerald: Herald {
  /// Gets the alert as JSON on standard input, and its parts in the environment; nil for none.
  let command: String?
  /// Where the same JSON is posted; nil for none.
  let webhook: String?
  let transferrer: Transferrer
  let logger: Logger

  /// How long either may take.
  private static let patience = Duration.seconds(10)

  /// As it is told.
  struct Telling: Encodable {
    let id: String
    let kind: String
    let subject: String
    let message: String
    let state: String
    let count: Int
    let since: Date
    let resolvedAt: Date?

    init(_ alert: Alert, isResolved: Bool) {
      (id, kind, subject, message) = (alert.id, alert.kind, alert.subject, alert.message)
      (state, count, since) = (isResolved ? "resolved" : "raised", alert.count, alert.since)
      resolvedAt = isResolved ? alert.resolvedAt : nil
    }

    var bytes: [UInt8] {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.dateEncodingStrategy = .iso8601
      // Texts and times alone: nothing that could not be written.
      return (try? encoder.encode(self)).map { [UInt8]($0) } ?? []
    }
  }

  func tell(_ alert: Alert, isResolved: Bool) async {
    let telling = Telling(alert, isResolved: isResolved)
    if let command { await run(command, telling) }
    if let webhook { await post(telling, to: webhook) }
  }

  private func post(_ telling: Telling, to url: String) async {
    let request = TransferRequest(
      method: .post, url: url, headers: [TransferRequest.Header("Content-Type", "application/json")], body: telling.bytes,
      timeout: AlertHerald.patience)
    do throws(TransferError) {
      let answer = try await transferrer.transfer(request)
      guard (200..<300).contains(answer.status) else {
        return logger.error("alert.webhook did not take the alert", metadata: ["http.status": "\(answer.status)"])
      }
    } catch {
      logger.error("alert.webhook cannot be reached", metadata: ["problem": "\(error.message)"])
    }
  }

  private func run(_ command: String, _ telling: Telling) async {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    // Ours holds secrets.
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": ProcessInfo.processInfo.environment["HOME"] ?? "/",
      "REPLYD_ALERT_KIND": telling.kind, "REPLYD_ALERT_SUBJECT": telling.subject, "REPLYD_ALERT_MESSAGE": telling.message,
      "REPLYD_ALERT_STATE": telling.state,
    ]
    let input = Pipe()
    (process.standardInput, process.standardOutput, process.standardError) = (input, FileHandle.nullDevice, FileHandle.nullDevice)
    let (ends, end) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = { process in
      end.yield(process.terminationStatus)
      end.finish()
    }
    do {
      try process.run()
      // Less than a pipe holds; its reading end stays open here until then, so that a command that reads nothing harms nobody.
      try input.fileHandleForWriting.write(contentsOf: telling.bytes + [10])
      try input.fileHandleForWriting.close()
    } catch {
      return logger.error("alert.command cannot be run", metadata: ["problem": "\(error)"])
    }
    let number = process.processIdentifier
    let limit = Task {
      // Cut short when it has ended.
      guard (try? await Task.sleep(for: AlertHerald.patience)) != nil else { return }
      kill(number, SIGKILL)
    }
    var status: Int32 = 0
    for await code in ends { status = code }
    limit.cancel()
    if status != 0 { logger.error("alert.command failed", metadata: ["status": "\(status)"]) }
  }
}
