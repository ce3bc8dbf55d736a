internal import Foundation
internal import Logging
internal import NIOConcurrencyHelpers
internal import Recording
internal import Spooling

// Alerts: rows that were raised in the transaction of what happened, told from here.
extension Shift {
  /// Minds what the ledger does not know, and tells what is to be told.
  func mindAlerts() async throws(ProcessingError) {
    let conditions = await processor.sentry.conditions(at: processor.now()) + [clock()].compactMap(\.self)
    let (clock, silence) = (processor.now, processor.options.alertSilence)
    let told = try await transaction { transaction throws(LedgerError) in
      let now = clock()
      try transaction.gates.sweep(before: now.addingTimeInterval(-60))
      for condition in try conditions + [silent(silence, transaction, now)] { try mind(condition, transaction, now) }
      return try transaction.alerts.take(limit: 64).map { Told(alert: $0.alert, isResolved: $0.isResolved) }
    }
    for one in told { tell(one.alert, isResolved: one.isResolved) }
  }

  /// Whether the clock can be believed; a process that has never doubted it knows no better than another one that does.
  private func clock() -> Condition? {
    let trouble = processor.clock.trouble
    // Who cannot look leaves it to the next look.
    if trouble == nil, !processor.clock.hasDoubted, (try? processor.spool.ownerNames().count) != 1 { return nil }
    return Condition(ClockWatch.reason, about: "clock", trouble: trouble)
  }

  /// How long the ledger may take nothing before that is an alert.
  private static let troublePatience: TimeInterval = 10

  /// Tells that the ledger takes nothing: it cannot be written down as other alerts are.
  func noteTrouble(_ error: ProcessingError, _ times: inout Times) {
    let now = processor.now()
    guard let since = times.troubleSince else {
      times.troubleSince = now
      return
    }
    guard times.troubleTold == nil, now.timeIntervalSince(since) >= Shift.troublePatience else { return }
    let alert = Alert(unwritten: "ledger.trouble", about: error.reason, "\(error.message) \(error.advice)", since: since)
    times.troubleTold = alert
    tell(alert, isResolved: false)
  }

  /// The ledger takes something again: what was told is written down, as over.
  func endTrouble(_ times: inout Times) async throws(ProcessingError) {
    if let told = times.troubleTold {
      let alert = Alert(unwritten: told.kind, about: told.subject, told.message, since: told.since, resolvedAt: processor.now())
      try await transaction { transaction throws(LedgerError) in try transaction.alerts.keep(alert) }
      tell(alert, isResolved: true)
    }
    (times.troubleSince, times.troubleTold) = (nil, nil)
  }

  private struct Told: Sendable {
    let alert: Alert
    let isResolved: Bool
  }

  /// Logs it, and has the operator told beside everything else.
  func tell(_ alert: Alert, isResolved: Bool) {
    let metadata: Logger.Metadata = [
      "alert.id": "\(alert.id)", "alert.kind": "\(alert.kind)", "alert.subject": "\(alert.subject)", "problem": "\(alert.message)",
    ]
    logger.log(level: isResolved ? .notice : .error, isResolved ? "alert resolved" : "alert", metadata: metadata)
    let herald = processor.herald
    tellings.add { await herald.tell(alert, isResolved: isResolved) }
  }
}

private func mind(_ condition: Condition, _ transaction: any Transaction, _ now: Date) throws(LedgerError) {
  if let trouble = condition.trouble {
    // Counted once for as long as it lasts.
    if try transaction.alerts.find(condition.kind, about: condition.subject) == nil {
      try transaction.alerts.raise(condition.kind, about: condition.subject, trouble, at: now)
    }
  } else if try transaction.alerts.find(condition.kind, about: condition.subject) != nil {
    try transaction.alerts.resolve(condition.kind, about: condition.subject, at: now)
  }
}

/// Whether nothing has come in for long; before the first file nothing is expected.
private func silent(_ silence: Duration, _ transaction: any Transaction, _ now: Date) throws(LedgerError) -> Condition {
  let kind = "webhook.silent"
  guard silence > .zero, let last = try transaction.payloads.lastRecorded(), now.timeIntervalSince(last) > silence.seconds else {
    return Condition(kind, about: "webhook", trouble: nil)
  }
  return Condition(
    kind, about: "webhook",
    trouble:
      "Nothing has come in since \(last.formatted(.iso8601)). Look at the webhook's address and subscription at Meta, and at the proxy's log."
  )
}

/// What is being told beside everything else.
final class Tellings: Sendable {
  private let tasks = NIOLockedValueBox<[Int: Task<Void, Never>]>([:])
  private let number = NIOLockedValueBox(0)

  func add(_ body: @escaping @Sendable () async -> Void) {
    let number = number.withLockedValue { number in
      number += 1
      return number
    }
    // Put down before it can end: the task waits for the lock.
    tasks.withLockedValue { [tasks] current in
      current[number] = Task {
        await body()
        tasks.withLockedValue { $0[number] = nil }
      }
    }
  }

  /// Waits for what is under way, no longer than that.
  func end(within time: Duration) async {
    let all = tasks.withLockedValue { Array($0.values) }
    let limit = Task {
      // Cut short when all are done.
      guard (try? await Task.sleep(for: time)) != nil else { return }
      for task in all { task.cancel() }
    }
    for task in all { await task.value }
    limit.cancel()
  }
}
