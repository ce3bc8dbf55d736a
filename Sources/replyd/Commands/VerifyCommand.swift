internal import ArgumentParser
internal import Foundation
internal import Receiving
internal import Spooling

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Tells whether payload files are as they were received.",
    discussion: """
      One line a file: valid, by its signature under META_APP_SECRET; sealed, by its SHA-256 alone where no secret that is set has signed it, \
      which holds as long as nobody has changed the receipts; invalid, and what differs; unsealed, when there is no receipt (dropped by hand, \
      or older than the receipts); unreadable. Where a secret was replaced, give the old one, too: META_APP_SECRET=new,old.
      Exit codes: 0 all are valid or sealed, 1 some are invalid or unsealed, 2 the call was wrong or a file cannot be read.
      """)

  @Argument(help: ArgumentHelp("Paths, or names in the spool.", valueName: "file"))
  var files: [String]
  @Flag(help: "Answer in JSON.")
  var json = false
  @OptionGroup var options: SettingsOptions

  struct Report: Encodable {
    let files: [Finding]
  }

  func run() throws {
    let installation = Installation(settings: try Settings(options))
    let spool = try installation.spoolToRead()
    let secrets = installation.settings.appSecrets.map { WebhookSignature(secret: $0) }
    var paths: [String] = []
    for file in files { paths += try places(of: file, in: spool) }
    let contents = paths.map { Content($0, secrets: secrets) }
    let findings = try findings(of: contents, in: spool, secrets: secrets.count)
    if json { try Answer.json(Report(files: findings)) } else { for finding in findings { Answer.line(finding.line) } }
    let verdicts = Set(findings.map(\.verdict))
    if verdicts.contains("unreadable") { throw CommandFailure(.wrongCall, "") }
    if verdicts.contains("invalid") || verdicts.contains("unsealed") { throw CommandFailure(.someFailed, "") }
  }

  /// The paths that an argument means: itself, or wherever a payload of that name lies.
  private func places(of file: String, in spool: Spool) throws(CommandFailure) -> [String] {
    guard !file.contains("/"), !FileManager.default.fileExists(atPath: file) else { return [file] }
    do {
      let found = try spool.locate(file).map(\.path)
      return found.isEmpty ? [file] : found
    } catch {
      throw CommandFailure(error)
    }
  }

  private func findings(of contents: [Content], in spool: Spool, secrets: Int) throws(CommandFailure) -> [Finding] {
    var seals: [Seal]
    do {
      seals = try SealSearch(spool: spool.path).seals(of: contents.compactMap(\.file)).reversed()
    } catch {
      throw CommandFailure(isTemporary: error.isTemporary, error.message, error.advice)
    }
    return contents.map { content in
      if let problem = content.problem { return Finding(unreadable: content.path, problem) }
      return Finding(content.path, seals.popLast() ?? .unsealed, secrets: secrets)
    }
  }
}

extension VerifyCommand {
  /// One file as it was read.
  private struct Content {
    let path: String
    var file: SealedFile?
    var problem: String?

    init(_ path: String, secrets: [WebhookSignature]) {
      self.path = path
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        problem = "there is no such file, nor one of that name in the spool"
        return
      }
      let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      do {
        let attributes = try FileManager.default.attributesOfItem(atPath: target)
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
          problem = isFolder.boolValue ? "it is a folder; name the files in it" : "it is not a regular file"
          return
        }
        let size = attributes[.size] as? Int ?? 0
        let bytes = size > FileContent.largest ? nil : try Array(Data(contentsOf: URL(fileURLWithPath: target)))
        file = SealedFile(name: URL(fileURLWithPath: path).lastPathComponent, bytes: bytes, secrets: secrets)
      } catch {
        problem = "it cannot be read; it may have moved on, or belong to another user"
      }
    }
  }

  /// What is said of one file.
  struct Finding: Encodable {
    let path: String
    let verdict: String
    let message: String
    var receivedAt: String?
    var receivedAs: String?
    var peer: String?
    var requestId: String?
    var secret: Int?

    var line: String { "\(path)  \(verdict)  \(message)" }
  }
}

extension VerifyCommand.Finding {
  init(unreadable path: String, _ problem: String) {
    self.init(path: path, verdict: "unreadable", message: problem)
  }

  init(_ path: String, _ seal: Seal, secrets: Int) {
    switch seal {
    case .valid(let receipt, let proof):
      let name = receipt.file.map { "\($0)" }
      let alias = name == URL(fileURLWithPath: path).lastPathComponent ? "" : " as \(name ?? "another file")"
      let message = "received\(alias) \(Self.origin(of: receipt)), \(Self.words(for: proof, of: secrets))"
      switch proof {
      case .signature(let number): self.init(path: path, verdict: "valid", message: message, secret: number)
      case .sha256: self.init(path: path, verdict: "sealed", message: message)
      }
      tell(of: receipt)
    case .invalid(let receipt, let fault):
      self.init(path: path, verdict: "invalid", message: "\(Self.words(for: fault)); received \(Self.origin(of: receipt))")
      tell(of: receipt)
    case .unsealed:
      self.init(path: path, verdict: "unsealed", message: "no receipt: it was dropped by hand, or is older than the receipts")
    }
  }

  private mutating func tell(of receipt: Receipt) {
    receivedAt = receipt.time
    receivedAs = receipt.file.map { "\($0)" }
    (peer, requestId) = (receipt.peer, receipt.requestID)
  }

  private static func origin(of receipt: Receipt) -> String {
    "\(receipt.time) from \(receipt.peer ?? "an unknown address")"
  }

  private static func words(for proof: Seal.Proof, of secrets: Int) -> String {
    switch proof {
    case .signature(let number): secrets == 1 ? "signed with the app secret" : "signed with app secret \(number + 1) of \(secrets)"
    case .sha256 where secrets == 0: "by its sha256 alone, for no app secret is set"
    case .sha256: "by its sha256 alone: no app secret that is set has signed it; give a replaced one, too: META_APP_SECRET=new,old"
    }
  }

  private static func words(for fault: Seal.Fault) -> String {
    switch fault {
    case .bytes: "the bytes are not those that were received"
    case .signature: "its receipt has no signature, and nothing is kept without one"
    }
  }
}
