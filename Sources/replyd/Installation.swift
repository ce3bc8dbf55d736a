internal import Crypto
internal import Foundation
internal import Logging
internal import Processing
internal import Recording
internal import Sending
internal import Spooling
internal import Transferring

/// What the settings name, opened: everything is built by hand here.
struct Installation {
  let settings: Settings

  func spool() throws(CommandFailure) -> Spool {
    do {
      return try Spool(at: settings.spool, allowsRemoteFileSystems: settings.allowsRemoteSpool)
    } catch {
      throw CommandFailure(error)
    }
  }

  /// The spool of an installation that has been used before, to change what is in it: no other folder is made one.
  func existingSpool() throws(CommandFailure) -> Spool {
    let isThere: Bool
    do {
      isThere = try Spool.isSpool(settings.spool)
    } catch {
      throw CommandFailure(error)
    }
    guard isThere else { throw noSpool }
    return try spool()
  }

  /// The same, only to look at it.
  func spoolToRead() throws(CommandFailure) -> Spool {
    do {
      return try Spool(readingAt: settings.spool, allowsRemoteFileSystems: settings.allowsRemoteSpool)
    } catch {
      if case .missing = error { throw noSpool }
      throw CommandFailure(error)
    }
  }

  private var noSpool: CommandFailure {
    CommandFailure(.wrongCall, "there is no spool in \(settings.spool); go to its folder, or say --spool or REPLYD_SPOOL")
  }

  func ledger() throws(CommandFailure) -> SQLiteLedger {
    do {
      return try SQLiteLedger(path: settings.databasePath)
    } catch {
      throw CommandFailure(error)
    }
  }

  /// The ledger of an installation that has been used before.
  func existingLedger() throws(CommandFailure) -> SQLiteLedger? {
    FileManager.default.fileExists(atPath: settings.databasePath) ? try ledger() : nil
  }

  /// Says that a list is empty since there is no ledger, and where one was looked for.
  func tellThatThereAreNo(_ things: String) {
    Talk.say("there are no \(things) yet, nor a ledger at \(settings.databasePath)")
  }

  /// The ledger of such an installation, for what is about something in it.
  func knownLedger() throws(CommandFailure) -> SQLiteLedger {
    guard let ledger = try existingLedger() else {
      throw CommandFailure(.wrongCall, "there is no ledger at \(settings.databasePath); go to its folder, or say --data or REPLYD_DATA")
    }
    return ledger
  }

  /// The key, once the ledger has agreed that it is its own.
  func secretKey(for ledger: any Ledger) async throws(CommandFailure) -> SecretKey {
    guard let key = settings.secretKey else {
      throw CommandFailure(
        .wrongCall,
        """
        REPLYD_SECRET_KEY is not set; access tokens are sealed with it.
                Make one with `openssl rand -hex 32`, keep it, and set it in the environment (or REPLYD_SECRET_KEY_FILE) for every replyd.
        """)
    }
    do {
      try await ledger.transaction { transaction throws(LedgerError) in try transaction.settings.bind(to: key) }
    } catch {
      throw CommandFailure(error)
    }
    return key
  }

  func logger() -> Logger {
    var logger = Logger(label: "replyd", factory: { _ in LineLogHandler() })
    logger.logLevel = settings.logLevel
    return logger
  }

  func processor(spool: Spool, ledger: any Ledger, key: SecretKey, transferrer: Transferrer) -> Processor {
    var options = Processor.Options()
    options.sendGrace = settings.sendGrace
    options.quietPeriod = settings.quietPeriod
    options.turnLimit = settings.turns
    options.stopGrace = settings.stopGrace
    options.verifiesChannels = settings.verifiesChannels
    options.ages = settings.ages
    options.handOffPeriod = settings.handOffPeriod
    (options.patience, options.appID) = (settings.patience, settings.appID)
    options.channelRate = settings.channelRate
    options.alertSilence = settings.alertSilence
    options.provider = provider
    let logger = logger()
    return Processor(
      spool: spool, ledger: ledger, responder: AgentResponder(settings, transferrer: transferrer, logger: logger),
      sender: sender(transferrer), secretKey: key, options: options, sentry: DoorSentry(spool),
      herald: AlertHerald(
        command: settings.alertCommand, webhook: settings.alertWebhook, transferrer: transferrer, logger: logger),
      logger: logger)
  }

  /// Names the model's server and the key to it among the gates: with another key nothing that was said of the old one counts.
  private var provider: String {
    let url = settings.openAIBaseURL ?? Settings.openAIHome
    let digest = SHA256.hash(data: Data("\(url)\n\(settings.openAIKey ?? "")".utf8))
    return "openai-" + digest.prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  func sender(_ transferrer: Transferrer) -> WhatsAppSender {
    WhatsAppSender(transferrer: transferrer, graphURL: settings.graphURL, version: settings.graphVersion, timeout: settings.sendTimeout)
  }

  func transferrer() throws(CommandFailure) -> Transferrer {
    do {
      return try Transferrer(userAgent: "replyd/\(Replyd.version)")
    } catch {
      throw CommandFailure(error)
    }
  }
}

extension WhatsAppSender: Sender {}
