internal import ArgumentParser
internal import Foundation
internal import Processing
internal import Recording
internal import Spooling

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Runs payloads again: only what is unfinished in them.",
    discussion: """
      A file in failed/ goes back to incoming/. One in done/ is answered and stays. A path outside the spool is copied in; what it holds and \
      is answered already is not answered again. A reply whose outcome is unknown is sent again only with --resend.
      """)

  @Argument(help: ArgumentHelp("Paths, or names in failed/.", valueName: "file"))
  var files: [String]
  @Flag(help: "Send again also what may have arrived (send.unknown). Look at the conversation on the phone first.")
  var resend = false
  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let installation = Installation(settings: try Settings(options))
    let spool = try installation.spool()
    let ledger = try installation.ledger()
    var failed = 0
    for file in files {
      do throws(CommandFailure) {
        try await replay(file, spool, ledger)
      } catch {
        failed += 1
        Talk.say("\(file): \(error.text)")
      }
    }
    await ledger.close()
    if failed > 0 { throw CommandFailure(.someFailed, files.count == 1 ? "" : "\(failed) of \(files.count) were not run again") }
  }

  private func replay(_ file: String, _ spool: Spool, _ ledger: SQLiteLedger) async throws(CommandFailure) {
    do {
      let places = try spool.locate(file)
      let inSpool = file.contains("/") ? places.filter { isSame($0.path, file) } : places
      if let place = inSpool.last { return try await replay(place, spool, ledger) }
      guard !file.hasSuffix(".reason.json") else { throw CommandFailure(.wrongCall, "that is a reason file; name the payload beside it") }
      if file.hasSuffix(".ndjson") { return try drop(bulk: file, into: spool) }
      guard let contents = FileManager.default.contents(atPath: file) else {
        throw CommandFailure(.wrongCall, "there is no such file, nor one of that name in \(spool.path)")
      }
      let result = try await Replay.open(Array(contents), in: ledger, resending: resend, at: Date())
      try refuseUnknown(result, of: file)
      let id = try spool.dropCopy(of: Array(contents), named: URL(fileURLWithPath: file).lastPathComponent, receivedAt: Date())
      Answer.line("\(id)")
    } catch let error as CommandFailure {
      throw error
    } catch let error as SpoolError {
      throw CommandFailure(error)
    } catch let error as LedgerError {
      throw CommandFailure(error)
    } catch {
      throw CommandFailure(.someFailed, "\(error)")
    }
  }

  /// Copies a bulk file in, to be taken apart.
  private func drop(bulk path: String, into spool: Spool) throws {
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw CommandFailure(.wrongCall, "there is no such file, nor one of that name in \(spool.path)")
    }
    Answer.line("\(try spool.dropCopy(ofBulkFile: path, receivedAt: Date()))")
    Talk.say("its lines become payloads; of those that had failed before, run each again by its own name")
  }

  private func replay(_ place: FiledPayload, _ spool: Spool, _ ledger: SQLiteLedger) async throws {
    switch place.folder {
    case .done where place.id.isBulk:
      Talk.say(
        """
        \(place.id) lies in \(place.folder): its lines have become payloads, \(place.id.stem)~LINE.json; nothing is changed. Run those that failed \
        again by their own names; to have every line read again, copy it into incoming/
        """)
    case .failed where place.id.isBulk: Answer.line("\(try spool.requeue(place))")
    case .done:
      Talk.say("\(place.id) lies in \(place.folder): it is answered, or there was nothing to answer; nothing is changed")
    case .incoming, .active, .deferred:
      Talk.say("\(place.id) lies in \(place.folder): it is on its way already; nothing is changed")
    case .hold:
      throw CommandFailure(.someFailed, "it is held; move it to incoming/ to let it go on")
    case .failed:
      guard let contents = FileManager.default.contents(atPath: place.path) else {
        // Not a regular file, or gone: the intake says which.
        return Answer.line("\(try spool.requeue(place))")
      }
      let result = try await Replay.open(Array(contents), in: ledger, resending: resend, at: Date())
      try refuseUnknown(result, of: "\(place.id)")
      Answer.line("\(try requeue(place, spool, wasOpened: result.opened > 0))")
    }
  }

  /// Puts a failed file back; one whose turn was opened may be answered and filed by a running process before we come to it.
  private func requeue(_ place: FiledPayload, _ spool: Spool, wasOpened: Bool) throws(SpoolError) -> PayloadID {
    do throws(SpoolError) {
      return try spool.requeue(place)
    } catch {
      guard case .missing = error, wasOpened else { throw error }
      return place.id
    }
  }

  /// What may have arrived is sent again only when that is asked for; the file's other messages run again all the same.
  private func refuseUnknown(_ result: Replay.Result, of file: String) throws(CommandFailure) {
    guard result.unknown > 0 else { return }
    let what = "was handed to the platform, which never answered: it may have arrived. Look at the conversation on the phone; "
    let whatThen = "if the reply is not there, run this again with --resend"
    guard result.opened > 0 else { throw CommandFailure(.someFailed, "its reply \(what)\(whatThen)") }
    Talk.say("\(file): the reply to \(result.unknown) of its messages \(what)\(whatThen)")
  }

  private func isSame(_ one: String, _ other: String) -> Bool {
    URL(fileURLWithPath: one).standardizedFileURL == URL(fileURLWithPath: other).standardizedFileURL
  }
}
