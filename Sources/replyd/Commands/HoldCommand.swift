internal import ArgumentParser
internal import Foundation
internal import Processing
internal import Recording

struct HoldCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Lets a file, a conversation or a channel wait until it is released.",
    discussion: """
      Name it as `replyd show` and `replyd status` do: X.json, conv_…, phone_…. Its files lie in hold/, and so do those that come for it. What is \
      under way comes to its next step first: a reply that was asked for is kept, and sent after `replyd release`. A file that was taken in \
      already is held with its conversation. A window that closes meanwhile is closed. One line for each: what is held, how many files wait.
      """)

  @Argument(help: ArgumentHelp("Files, conversations (conv_…), channels (phone_…).", valueName: "name"))
  var names: [String]
  @Flag(help: "Answer in JSON.")
  var json = false
  @OptionGroup var options: SettingsOptions

  func run() async throws {
    try await HoldRun(isJSON: json, verb: "held", options: options).run(names) { holding, name throws(Holding.Refusal) in
      try await holding.hold(name, at: Date())
    }
  }
}

struct ReleaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Lets what is held go on.",
    discussion: """
      Name it as it was held; `replyd status` lists what is. What waited is due at once, or when its time comes: within ten seconds by a \
      process that runs, or by the next one. One line for each: what was released, how many files waited.
      """)

  @Argument(help: ArgumentHelp("Files, conversations (conv_…), channels (phone_…).", valueName: "name"))
  var names: [String]
  @Flag(help: "Answer in JSON.")
  var json = false
  @OptionGroup var options: SettingsOptions

  func run() async throws {
    try await HoldRun(isJSON: json, verb: "released", options: options).run(names) { holding, name throws(Holding.Refusal) in
      try await holding.release(name, at: Date())
    }
  }
}

/// Does one thing to each name, and goes on when one of them cannot be.
struct HoldRun {
  private struct Report: Encodable {
    struct Item: Encodable {
      let id: String
      let state: String
      let files: Int
    }

    struct Fault: Encodable {
      let name: String
      let message: String
    }

    var changes: [Item] = []
    var faults: [Fault] = []
  }

  let isJSON: Bool
  let verb: String
  let options: SettingsOptions

  func run(_ names: [String], _ act: (Holding, String) async throws(Holding.Refusal) -> [Holding.Change]) async throws {
    let installation = Installation(settings: try Settings(options))
    let spool = try installation.existingSpool()
    let ledger = try installation.knownLedger()
    let holding = Holding(spool: spool, ledger: ledger)
    var (report, code): (Report, ExitStatus) = (Report(), .done)
    for name in names {
      do throws(Holding.Refusal) {
        for change in try await act(holding, name) {
          report.changes.append(Report.Item(id: change.id, state: verb, files: change.files))
          if !isJSON { Answer.line("\(change.id)  \(verb)  \(change.files) \(change.files == 1 ? "file" : "files")") }
        }
      } catch {
        let failure = CommandFailure(error)
        report.faults.append(Report.Fault(name: name, message: failure.text))
        Talk.say("\(name): \(failure.text)")
        code = code == .done || code == failure.code ? failure.code : .someFailed
      }
    }
    await ledger.close()
    if isJSON { try Answer.json(report) }
    guard report.faults.isEmpty else { throw CommandFailure(report.changes.isEmpty ? code : .someFailed, "") }
  }
}

extension CommandFailure {
  fileprivate init(_ refusal: Holding.Refusal) {
    switch refusal {
    case .unknown:
      self.init(.wrongCall, "there is no such file, conversation or channel; `replyd show NAME` and `replyd channel list` name them")
    case .outside(let spool):
      self.init(.wrongCall, "that path is not in the spool, which is \(spool); name a file by its bare name, or by its path in there")
    case .underWay(let isBulk):
      self.init(
        .tryLater,
        isBulk
          ? "it is being taken apart into payloads: hold their conversations, or their channel"
          : "it is being taken in at this moment; say it again")
    case .ended: self.init(.wrongCall, "it has its verdict, and nothing of it waits; `replyd replay` runs what failed again")
    case .notHeld: self.init(.someFailed, "it is not held; `replyd status` lists what is")
    case .byChannel(let channel): self.init(.someFailed, "it is held with its channel: `replyd release \(channel)` lets that go on")
    case .processing(_, let message, let advice, let isTemporary): self.init(isTemporary: isTemporary, message, advice)
    }
  }
}
