internal import ArgumentParser
internal import Foundation
internal import Parsing
internal import Recording
internal import Spooling

struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows what a payload holds, event by event, and what became of it.",
    discussion: """
      Give a path, which needs no spool, settings or ledger, or the name of a file in the spool. Of a bulk file (*.ndjson) every line is shown; \
      with --json each is one line, too.
      """)

  @Argument(help: ArgumentHelp("A path, or a name in the spool.", valueName: "name|path"))
  var file: String
  @Flag(help: "Answer in JSON: the events.")
  var json = false
  @OptionGroup var options: SettingsOptions

  func run() async throws {
    if isRegular(file) {
      if file.hasSuffix(".ndjson") { return try BulkShow(json: json).show(file) }
      if let contents = FileManager.default.contents(atPath: file) { return try show(Array(contents)) }
    }
    guard !file.contains("/"), !isThere(file) else {
      let hint = isThere(file) ? "" : "; one that has moved on in the spool is found by its bare name"
      throw CommandFailure(.wrongCall, "\(file) is no file that can be read\(hint)")
    }
    let installation = Installation(settings: try Settings(options))
    let spool: Spool
    do {
      spool = try installation.spoolToRead()
    } catch {
      throw CommandFailure(error.code, "there is no file \(file) here, and \(error.text)")
    }
    let places: [FiledPayload]
    do {
      places = try spool.locate(file)
    } catch {
      throw CommandFailure(error)
    }
    guard let place = places.last else { throw CommandFailure(.wrongCall, "there is no \(file) in \(spool.path), nor a file of that path") }
    for place in places { Talk.say("\(place.path)") }
    // First: what failed because it cannot be read has a reason, too.
    if !json, case .failed = place.folder { tell(reasonBeside: place) }
    if try isNoFile(place, in: spool) {
      throw CommandFailure(.someFailed, "\(FileFault.notRegular.message)\n        \(FileFault.notRegular.advice)")
    }
    if place.id.isBulk { return try BulkShow(json: json).show(place.path) }
    if !json { try await tell(storyOf: place.id, installation) }
    switch spool.content(of: place) {
    case .success(let bytes): try show(bytes)
    case .failure where !spool.isThere(place): throw CommandFailure(.tryLater, "\(place.path) has moved on; try again")
    case .failure(let fault): throw CommandFailure(.someFailed, "\(fault.message)\n        \(fault.advice)")
    }
  }

  /// Whether a folder, a link or the like lies there, which replyd never opens.
  private func isNoFile(_ place: FiledPayload, in spool: Spool) throws(CommandFailure) -> Bool {
    do {
      return try spool.isNoFile(place)
    } catch {
      throw CommandFailure(error)
    }
  }

  private func isRegular(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// Whether there is anything of that name: a folder, a pipe, a link to nowhere.
  private func isThere(_ path: String) -> Bool {
    // Nothing is wrong when nothing is there.
    (try? FileManager.default.attributesOfItem(atPath: path)) != nil
  }

  private func show(_ bytes: [UInt8]) throws(CommandFailure) {
    let payload: ParsedPayload
    do {
      payload = try ParsedPayload(bytes: bytes)
    } catch {
      throw CommandFailure(.someFailed, "\(error.message)\n        \(error.advice)")
    }
    if json { return Answer.line(payload.json) }
    payload.tell()
  }

  private func tell(reasonBeside place: FiledPayload) {
    let path = String(place.path.dropLast("\(place.id)".count)) + place.id.reasonFileName
    guard let contents = FileManager.default.contents(atPath: path) else { return Answer.line("failed; its reason file is gone") }
    do {
      let reason = try JSONDecoder().decode(ReasonFile.self, from: contents)
      Answer.line("failed: \(reason.reason)\n  \(reason.message)\n  \(reason.advice)")
    } catch {
      Answer.line("failed; its reason file \(path) cannot be read: \(error)")
    }
  }

  /// What the ledger knows of the file and of the turns that answer it.
  private func tell(storyOf id: PayloadID, _ installation: Installation) async throws(CommandFailure) {
    guard let ledger = try installation.existingLedger() else { return }
    let story = try await ledger.readOrFail { transaction throws(LedgerError) -> (PayloadRecord, [TurnStory])? in
      guard let record = try transaction.payloads.newest(named: id.description) else { return nil }
      return (record, try transaction.turns.stories(of: record.correlationID))
    }
    await ledger.close()
    guard let (record, turns) = story else { return }
    Answer.line(
      "correlation \(record.correlationID), received \(record.receivedAt.formatted(.iso8601)), run \(record.attempts == 1 ? "once" : "\(record.attempts) times")"
    )
    for story in turns {
      let reason = story.turn.reason.map { " (\($0))" } ?? ""
      let attempt = story.turn.attempt > 1 ? ", attempt \(story.turn.attempt)" : ""
      Answer.line("turn \(story.turn.id): \(story.turn.state.rawValue)\(reason)\(attempt)")
      Answer.line("  in \(story.turn.conversationID) on \(story.channelID)\(story.isHeld ? ", held" : "")")
      if let reply = story.turn.reply { Answer.line("  reply: “\(reply)”") }
      for send in story.sends {
        Answer.line(
          "  send \(send.id): \(send.state.rawValue)\(send.delivery.map { ", \($0)" } ?? "")\(send.providerID.map { ", \($0)" } ?? "")")
      }
      tell(creditsOf: story)
    }
  }

  /// `credits: reserved 1, captured`; a line an attempt.
  private func tell(creditsOf story: TurnStory) {
    let attempts = Dictionary(grouping: story.entries, by: \.attempt).sorted { $0.key < $1.key }
    for (number, entries) in attempts {
      let changes = entries.map { $0.amount == 0 ? $0.kind : "\($0.kind) \(abs($0.amount))" }
      Answer.line("  credits\(attempts.count > 1 ? " of attempt \(number)" : ""): \(changes.joined(separator: ", "))")
    }
  }
}

extension ParsedPayload {
  /// Says to a person what it holds, event by event.
  func tell() {
    Answer.line("\(object), \(events.count) \(events.count == 1 ? "event" : "events")")
    for event in events { Answer.line("  \(event.place)\n    \(event.sentence)") }
    for note in notes { Answer.line("  note: \(note)") }
  }
}
