internal import ArgumentParser
internal import Foundation

/// How fast messages are answered, and what it costs.
struct MeasureProcessing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "process",
    abstract: "Answering messages: from a file in the spool to a reply at the platform, beside the two requests of it alone.",
    discussion: """
      Each row is a fresh `replyd process` with a fresh spool and ledger, asking stand-ins for OpenAI and Meta in another process that answer \
      at once, check every request and count it. The folder must be on the disk that is to be measured; it is removed at the end.
      """)

  @Option(help: "Messages of each row with 1,000 conversations; 0 leaves them out.") var messages = 20_000
  @Option(help: "Messages dropped one at a time; 0 leaves the row out.") var single = 300
  @Option(help: "Turns at once with a slow model; 0 leaves the row out.") var turns = 10_000
  @Option(help: "How long that model takes, in seconds.") var delay = 5.0
  @Option(help: "Files that wait, beside 1,000; 0 leaves the rows out.") var waiting = 100_000
  @Flag(help: "Also with 1,000,000 files that wait, which takes a quarter of an hour and 12 GB.") var million = false
  @Option(help: "Whole seconds of rest; 0 leaves the rows out.") var rest = 20
  @OptionGroup var place: Place
  @Flag(help: "One JSON object with rows, rests and bounds.") var json = false

  private struct Report: Encodable {
    var fileSystem: String
    /// In milliseconds.
    var syncP50: Double
    var rows: [ProcessRow] = []
    var rests: [RestRow] = []
    var bounds: [Bound] = []
  }

  func run() throws {
    try place.measure("process") { folder, replyd in
      var bench = try ProcessBench(place: folder, replyd: replyd)
      var report = Report(
        fileSystem: Probe.fileSystem(of: folder), syncP50: try Probe.syncs(in: folder).latencies.percentiles([0.5])[0])
      // Those that look at single latencies first: a kernel that has just made many files frees and writes for a long time.
      if rest > 0 { try bench.measureRest(seconds: rest) }
      if single > 0 { try bench.measureIdle(single) }
      if messages > 0 {
        try bench.measureRequests(messages)
        try bench.measureAnswering(messages)
      }
      if turns > 0 { try bench.measureFlight(turns, delay: delay) }
      if waiting > 0 { try bench.measureWaiting([waiting] + (million ? [1_000_000] : [])) }
      (report.rows, report.rests, report.bounds) = (bench.rows, bench.rests, bench.bounds)
      if json { return try answer(report) }
      print(
        "\(ProcessInfo.processInfo.activeProcessorCount) processors; \(report.fileSystem); a sync takes \(number(report.syncP50, 2)) ms\n")
      print(table(ProcessRow.heading, report.rows.map(\.cells)) + "\n")
      print(ProcessRow.legend + "\n")
      print(table(RestRow.heading, report.rests.map(\.cells)) + "\n")
      for bound in report.bounds { print(bound.line) }
    }
  }
}
