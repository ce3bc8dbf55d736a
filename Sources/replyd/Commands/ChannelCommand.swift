internal import ArgumentParser
internal import Foundation
internal import Recording
internal import Sending
internal import Transferring

struct ChannelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel", abstract: "Channels: the addresses that customers write to.",
    subcommands: [Add.self, List.self, Verify.self, Token.self, Resume.self, Remove.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds a WhatsApp number.",
      discussion: """
        stdout: the channel's id. The access token is read from the file, or from standard input for “-”, and kept encrypted; \
        REPLYD_SECRET_KEY must be set.
        """)

    @Option(help: ArgumentHelp("Whose it is.", valueName: "id"))
    var user: String
    @Option(help: ArgumentHelp("The platform's id of the number (API Setup → Phone Number ID).", valueName: "digits"))
    var metaPhoneNumberID: String
    @Option(help: ArgumentHelp("The file that holds the access token, or - for standard input.", valueName: "file"))
    var accessTokenFile: String
    @Option(help: ArgumentHelp("What the number is called, as +1 555 010 0100.", valueName: "name"))
    var displayName: String
    @OptionGroup var options: SettingsOptions

    func validate() throws {
      guard (1...32).contains(metaPhoneNumberID.utf8.count), metaPhoneNumberID.allSatisfy({ $0.isASCII && $0.isNumber }) else {
        throw ValidationError("--meta-phone-number-id is “\(metaPhoneNumberID)”; it must be 1 to 32 digits")
      }
      guard (1...200).contains(displayName.count) else { throw ValidationError("--display-name must have 1 to 200 characters") }
    }

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      let ledger = try installation.knownLedger()
      let key = try await installation.secretKey(for: ledger)
      let sealed = try key.sealOrFail(try AccessToken.read(accessTokenFile))
      let (user, number, displayName) = (user, metaPhoneNumberID, displayName)
      let outcome = try await ledger.writeOrFail { transaction throws(LedgerError) -> Outcome in
        guard try transaction.accounts.account(user) != nil else { return .noUser }
        let id = try transaction.channels.add(
          account: user, platform: "whatsapp", addressID: number, displayName: displayName, sealedToken: sealed, at: Date())
        return id.map(Outcome.added) ?? .taken
      }
      await ledger.close()
      switch outcome {
      case .added(let id): Answer.line(id)
      case .noUser: throw CommandFailure.no("user", user)
      case .taken: throw CommandFailure(.wrongCall, "the number \(number) belongs to a channel already; `replyd channel list` lists them")
      }
    }

    private enum Outcome: Sendable {
      case added(String)
      case noUser
      case taken
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the channels: id, number, name, user, agent.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      guard let ledger = try installation.existingLedger() else { return installation.tellThatThereAreNo("channels") }
      let (rows, gates) = try await ledger.readOrFail { transaction throws(LedgerError) -> ([(Channel, Agent?)], [Gate]) in
        var rows: [(Channel, Agent?)] = []
        for channel in try transaction.channels.all() { rows.append((channel, try transaction.agents.active(on: channel.id))) }
        return (rows, try transaction.gates.all())
      }
      await ledger.close()
      if rows.isEmpty { Talk.say("there are no channels yet") }
      for (channel, agent) in rows {
        let gate = gates.first { $0.key == Gate.Key.channel(channel.id).description && $0.alert != nil }
        let paused = gate.map { "  paused (\($0.reason))" } ?? ""
        let answers = agent.map { "\($0.id) (\($0.responder.rawValue))" } ?? "no agent"
        Answer.line(
          "\(channel.id)  \(channel.platform)  \(channel.addressID)  \(channel.displayName)  \(channel.accountID)  \(answers)\(channel.verifiedAt == nil ? "  unverified" : "")\(paused)"
        )
      }
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Asks Meta whether a number is its user's; until Meta has said so, nothing is answered for it.",
      discussion: """
        A number is also verified by itself when its first message comes. Exit codes: 0 verified, 1 Meta says no, 75 Meta could not be asked.
        """)

    @Argument(help: ArgumentHelp("The channel.", valueName: "id"))
    var channel: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      let ledger = try installation.knownLedger()
      let key = try await installation.secretKey(for: ledger)
      let id = channel
      let found = try await ledger.readOrFail { transaction throws(LedgerError) -> (Channel, [UInt8])? in
        guard let channel = try transaction.channels.channel(id) else { return nil }
        return (channel, try transaction.channels.sealedToken(of: id) ?? [])
      }
      guard let (channel, sealed) = found else {
        throw CommandFailure.no("channel", id)
      }
      let token: String
      do throws(LedgerError) {
        token = try key.open(sealed)
      } catch {
        throw CommandFailure(error)
      }
      let transferrer = try installation.transferrer()
      defer { transferrer.close() }
      switch await installation.sender(transferrer).verify(channel.addressID, token: token) {
      case .verified: break
      case .refused(let refusal): throw CommandFailure(.someFailed, "\(refusal.message)\n        \(refusal.advice)")
      case .unheard(let detail):
        throw CommandFailure(.tryLater, "\(installation.settings.graphURL) could not be asked: \(detail)")
      }
      _ = try await ledger.writeOrFail { transaction throws(LedgerError) in try transaction.channels.verify(id, at: Date()) }
      await ledger.close()
      Answer.line("verified")
    }
  }

  struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Gives a channel a new access token.",
      discussion: "A paused channel goes on: what waited is answered in the order in which it came.")

    @Argument(help: ArgumentHelp("The channel.", valueName: "id"))
    var channel: String
    @Option(help: ArgumentHelp("The file that holds the access token, or - for standard input.", valueName: "file"))
    var accessTokenFile: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let installation = Installation(settings: try Settings(options))
      let ledger = try installation.knownLedger()
      let key = try await installation.secretKey(for: ledger)
      let (id, sealed) = (channel, try key.sealOrFail(try AccessToken.read(accessTokenFile)))
      let isThere = try await ledger.writeOrFail { transaction throws(LedgerError) in
        try transaction.channels.replaceToken(of: id, by: sealed, at: Date())
      }
      await ledger.close()
      guard isThere else { throw CommandFailure.no("channel", id) }
      Answer.line(id)
    }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lets a paused channel go on: what waited is answered in the order in which it came.",
      discussion: "stdout: how many turns go on. `replyd status` says which channels are paused, and why.")

    @Argument(help: ArgumentHelp("The channel.", valueName: "id"))
    var channel: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let ledger = try Installation(settings: try Settings(options)).knownLedger()
      let id = channel
      let (isThere, woken) = try await ledger.writeOrFail { transaction throws(LedgerError) -> (Bool, Int?) in
        guard try transaction.channels.channel(id) != nil else { return (false, nil) }
        return (true, try transaction.channels.resume(id, at: Date()))
      }
      await ledger.close()
      guard isThere else { throw CommandFailure.no("channel", id) }
      guard let woken else { return Talk.say("\(id) was not paused") }
      Answer.line("\(woken)")
    }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Gives a number free that was never verified, so that its owner can add it.",
      discussion: "What was written to it stays with the user who had added it, unseen and unanswered.")

    @Argument(help: ArgumentHelp("The channel.", valueName: "id"))
    var channel: String
    @OptionGroup var options: SettingsOptions

    func run() async throws {
      let ledger = try Installation(settings: try Settings(options)).knownLedger()
      let id = channel
      let isFree = try await ledger.writeOrFail { transaction throws(LedgerError) in try transaction.channels.giveUp(id) }
      await ledger.close()
      guard isFree else {
        throw CommandFailure(.wrongCall, "there is no unverified channel \(id); `replyd channel list` says which are unverified")
      }
      Answer.line(id)
    }
  }
}

/// An access token from a file, never from the command line, where everybody on the machine could see it.
enum AccessToken {
  static func read(_ file: String) throws(CommandFailure) -> String {
    // What a shell puts in the place of a command, `<(…)`, is a pipe.
    let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
    guard let contents = try? handle?.read(upToCount: 1 << 16) ?? Data(), handle != nil else {
      throw CommandFailure(.wrongCall, "the access token's file \(file) cannot be read")
    }
    let token = String(decoding: contents, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard !token.isEmpty, token.utf8.count <= 4096, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw CommandFailure(.wrongCall, "the access token must be one word of 1 to 4096 plain characters")
    }
    return token
  }
}

extension SecretKey {
  func sealOrFail(_ text: String) throws(CommandFailure) -> [UInt8] {
    do {
      return try seal(text)
    } catch {
      throw CommandFailure(error)
    }
  }
}
