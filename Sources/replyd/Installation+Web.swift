internal import Foundation
internal import Glibc
internal import Hummingbird
internal import Logging
internal import Receiving
internal import Recording
internal import Replying
internal import Serving
internal import Spooling

extension Installation {
  /// The webhook alone.
  func receiver(
    spool: Spool, onListening: @escaping @Sendable (ListenAddress) async -> Void
  ) throws(CommandFailure) -> WebServer {
    try server(spool: spool, ledger: nil, onListening: onListening)
  }

  /// The webhook and the API.
  func face(
    spool: Spool, ledger: any Ledger, key: SecretKey, onListening: @escaping @Sendable (ListenAddress) async -> Void
  ) throws(CommandFailure) -> WebServer {
    try server(spool: spool, ledger: (ledger, key), onListening: onListening)
  }

  /// With the API where there is a ledger.
  private func server(
    spool: Spool, ledger: (ledger: any Ledger, key: SecretKey)?, onListening: @escaping @Sendable (ListenAddress) async -> Void
  ) throws(CommandFailure) -> WebServer {
    let journal = try journal(of: spool)
    let (router, defence, receipts, logger) = (Router(context: WebContext.self), makeDefence(), receiptLog(spool), logger())
    router.add(middleware: ErrorAnswers())
    addWebhook(to: router, defence: defence, journal: journal, receipts: receipts)
    var checks: [(name: String, check: Health.Check)] = [Installation.check(spool), ("journal", { journal.obstacle() })]
    if let (ledger, key) = ledger {
      let api = API(ledger: ledger, secretKey: key, options: servingOptions, promptWarnings: { PromptTemplate($0).warnings })
      api.addRoutes(to: router)
      checks.append(Installation.check(ledger))
    }
    Health(checks: checks).addRoutes(to: router)
    return WebServer(
      address: settings.listen, router: router, defence: defence, receipts: { receipts.write($0) }, logger: logger,
      onListening: onListening,
      onEnd: {
        // The receipts first: those that cannot be written are made again of what the journal then keeps.
        let lost = await receipts.close()
        await journal.close(keepsSegments: lost > 0)
        logger.info("receiver ended", metadata: ["payloads": "\(journal.counts.records)", "syncs": "\(journal.counts.syncs)"])
      })
  }

  private func journal(of spool: Spool) throws(CommandFailure) -> Journal {
    var options = Journal.Options()
    options.folder = settings.journal
    options.maxBytes = settings.journalLimit
    let logger = logger()
    do {
      // A small disk has no room for long segments; a body must fit into one.
      if try spool.room().size < 1 << 30 { options.segmentBytes = Webhook.largest + (1 << 20) }
      return try Journal(spool: spool, options: options) { trouble in Installation.tell(trouble, to: logger) }
    } catch {
      throw CommandFailure(error)
    }
  }

  private func receiptLog(_ spool: Spool) -> ReceiptLog {
    let logger = logger()
    return ReceiptLog(spool: spool.path) { trouble in
      logger.log(level: trouble.isOver ? .notice : .error, "receipts", metadata: ["problem": "\(trouble.message)"])
    }
  }

  private func addWebhook(to router: Router<WebContext>, defence: Defence, journal: Journal, receipts: ReceiptLog) {
    let secrets = WebhookSecrets(verifyToken: settings.verifyToken, appSecrets: settings.appSecrets)
    Webhook(
      secrets: secrets, store: journal, defence: defence, receipts: { receipts.write($0) }, logger: logger()
    ).addRoutes(to: router)
  }

  /// Keeps half of the descriptors for everything else: beyond the last one, no file and no connection could be opened at all.
  private func makeDefence() -> Defence {
    var limits = settings.limits
    var descriptors = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors) == 0 else {
      return Defence(limits: limits, proxies: settings.proxies, logger: logger())
    }
    let share = Int(clamping: descriptors.rlim_cur / 2)
    if limits.connections > share {
      limits.connections = share
      let advice = "Raise the hard limit of open files (LimitNOFILE in systemd), or lower receive.connections."
      logger().warning("fewer connections than receive.connections allows", metadata: ["connections": "\(share)", "advice": "\(advice)"])
    }
    return Defence(limits: limits, proxies: settings.proxies, logger: logger())
  }

  private var servingOptions: ServingOptions {
    let isSandbox = settings.sandbox != nil
    let script = URL(fileURLWithPath: SandboxState.scriptPath(in: settings.data)).standardizedFileURL.path
    return ServingOptions(
      adminKey: settings.adminKey, registration: settings.registration, topUp: settings.topUp,
      wakesAfterCredits: settings.wakesAfterCredits,
      responder: isSandbox && settings.openAIBaseURL == nil ? .scripted : .openai, scriptPath: isSandbox ? script : nil,
      acceptsUnknownPrompts: isSandbox, showsUnverified: !settings.verifiesChannels, hasModel: settings.openAIModel != nil,
      handOffPeriod: settings.handOffPeriod,
      starterPrompt: Prompt.starter)
  }

  private static func check(_ spool: Spool) -> (name: String, check: Health.Check) {
    (
      "spool",
      {
        do throws(SpoolError) {
          try spool.check()
          return nil
        } catch {
          return "no payload can be kept (\(error.reason))"
        }
      }
    )
  }

  private static func check(_ ledger: any Ledger) -> (name: String, check: Health.Check) {
    (
      "ledger",
      {
        do throws(LedgerError) {
          try await ledger.transaction { transaction throws(LedgerError) in try transaction.settings.tryWriting() }
          return nil
        } catch {
          return "it cannot be written (\(error.reason))"
        }
      }
    )
  }
}
