package import Deciding
package import Foundation
package import Logging
internal import NIOConcurrencyHelpers
package import Recording
internal import ServiceLifecycle
package import Spooling
internal import Watching

/// Takes files in, runs turns, files the verdicts: until told to stop, or until nothing is left to do.
package final class Processor: Service, CustomStringConvertible {
  /// What is set for one processor.
  package struct Options: Sendable {
    /// How long the platform may take to tell what became of a send without an answer.
    package var sendGrace: Duration = .seconds(600)
    /// How long a customer must be quiet before a turn begins, unless the agent says otherwise.
    package var quietPeriod: Duration = .seconds(2)
    /// How many conversations run at once, at most.
    package var turnLimit = 1000
    /// How long to wait for what is under way when told to stop.
    package var stopGrace: Duration = .seconds(20)

    /// How many messages a second may leave one channel; zero for no limit, nor one for each customer.
    package var channelRate = 80
    /// After how long without any file an alert is raised; zero for never.
    package var alertSilence: Duration = .seconds(86_400)
    /// What names the key to the model's server among the gates; nil when no model is asked.
    package var provider: String?

    /// Whether a channel must be shown to be its owner's, by the platform, before anything is done for it.
    package var verifiesChannels = true

    /// For how long the agent is silent after a person has answered.
    package var handOffPeriod: Duration = .seconds(12 * 3600)
    /// What becomes of messages that have waited for long.
    package var patience = Patience()
    /// The platform's id of our own program; nil when it is not known.
    package var appID: String?
    /// How long what has its verdict is kept; nil to remove nothing by itself.
    package var ages: Pruning.Ages?

    package init() {}
  }

  /// How a run until nothing is left has ended.
  package struct Report: Hashable, Sendable {
    /// Files that went to failed/.
    package let failed: Int
    /// Turns put off: waiting for an upstream, or for word of a send.
    package let waiting: Int
  }

  let spool: Spool
  let ledger: any Ledger
  let options: Options
  let responder: any Responder
  let sender: any Sender
  let secretKey: SecretKey
  let sentry: any Sentry
  let herald: any Herald
  let logger: Logger
  let now: @Sendable () -> Date
  let clock: ClockWatch
  let bell = Bell()
  let keeper: Turnkeeper

  /// - Parameters:
  ///   - spool: Where the files are.
  ///   - ledger: Where the facts are.
  ///   - responder: Writes replies.
  ///   - sender: Sends them.
  ///   - secretKey: Opens the channels' access tokens; the ledger must be bound to it.
  ///   - options: What is set.
  ///   - sentry: Minds what the ledger does not know.
  ///   - herald: Tells the operator of alerts.
  ///   - logger: Gets a line for each turn and each file.
  ///   - now: The time (UTC). It may be set back or forward at any moment: nobody waits longer for it than the longest wait.
  ///   - uptime: A clock that nobody sets, and that counts while the machine sleeps: the other is held against it.
  package init(
    spool: Spool,
    ledger: any Ledger,
    responder: any Responder,
    sender: any Sender,
    secretKey: SecretKey,
    options: Options = Options(),
    sentry: any Sentry = IdleSentry(),
    herald: any Herald = SilentHerald(),
    logger: Logger,
    now: @escaping @Sendable () -> Date = { Date() },
    uptime: @escaping @Sendable () -> Duration = { [start = ContinuousClock.now] in .now - start }
  ) {
    (self.spool, self.ledger, self.responder, self.sender, self.secretKey) = (spool, ledger.watched, responder, sender, secretKey)
    (self.options, self.sentry, self.herald, self.logger, self.now) = (options, sentry, herald, logger, now)
    let clock = ClockWatch(now: now, uptime: uptime, sender: sender)
    self.clock = clock
    keeper = Turnkeeper(
      sendGrace: options.sendGrace,
      verifiesChannels: options.verifiesChannels,
      jitter: { Double.random(in: 0...1) },
      patience: options.patience,
      handOffPeriod: options.handOffPeriod,
      present: { clock.present($0) },
      channelRate: options.channelRate,
      provider: options.provider
    )
  }

  package var description: String { "Processor(\(spool.path))" }

  /// Works until graceful shutdown or cancellation; ends with no file left in active/.
  package func run() async throws {
    let watcher = NIOLockedValueBox<Watcher?>(nil)
    let shift = try begin { inbox, bell in
      let new = Watcher(directory: self.spool.path + "/incoming") { hint in
        switch hint {
        case .name(let name): inbox.hint(name)
        case .scan: inbox.requireScan()
        }
        bell.ring()
      }
      watcher.withLockedValue { $0 = new }
    }
    do throws(WatchError) {
      try watcher.withLockedValue { $0 }?.start()
    } catch {
      // The scan is the truth: without the watch, files are found at each look.
      logger.error("incoming/ cannot be watched; it is looked through every ten seconds", metadata: ["error": "\(error.message)"])
    }
    defer { watcher.withLockedValue { $0 }?.stop() }
    try await withTaskCancellationOrGracefulShutdownHandler {
      _ = try await shift.work(untilDone: false)
    } onCancelOrGracefulShutdown: {
      shift.stop()
    }
  }

  /// Works until incoming/ is empty and nothing is due, or until graceful shutdown or cancellation.
  ///
  /// What is due within five seconds is waited for: a customer's quiet period, a first retry.
  @discardableResult
  package func runOnce() async throws -> Report {
    let shift = try begin { _, _ in }
    return try await withTaskCancellationOrGracefulShutdownHandler {
      try await shift.work(untilDone: true)
    } onCancelOrGracefulShutdown: {
      shift.stop()
    }
  }

  private func begin(_ connect: (Inbox, Bell) -> Void) throws(ProcessingError) -> Shift {
    do {
      let owner = try spool.openOwner()
      let inbox = Inbox(spool: spool, owner: owner)
      connect(inbox, bell)
      return Shift(processor: self, owner: owner, inbox: inbox)
    } catch {
      throw .spool(error)
    }
  }
}
