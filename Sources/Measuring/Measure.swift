internal import ArgumentParser
internal import CLinux
internal import Foundation
internal import Glibc

/// The program behind `scripts/bench`: drives a replyd of its own on loopback, and prints tables.
@main
struct Measure: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures replyd on this machine: ratios within one run, never a verdict by the clock alone.",
    discussion: "stdout has the tables, or with --json one object; stderr tells what is being done.",
    subcommands: [
      MeasureReceiving.self, MeasureProcessing.self, MeasureParsing.self, ServeCommand.self, DriveCommand.self, TrickleCommand.self,
      UpstreamsCommand.self, AskCommand.self, HoldCommand.self,
    ])

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    raiseDescriptorLimit()
    // The other threads' heaps keep what is free, and what is taken from there would not be seen.
    if CommandLine.arguments.dropFirst().first == MeasureParsing.configuration.commandName { clinux_use_one_heap() }
    await main(nil)
  }

  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    // Best effort: a load with too many connections for it says so.
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

/// Why nothing could be measured.
struct MeasureFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// What the last system call said.
  static func system(_ call: String) -> MeasureFailure { MeasureFailure("\(call): \(String(cString: strerror(errno)))") }
}

/// Prints one JSON object, for programs.
func answer(_ report: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  print(String(decoding: try encoder.encode(report), as: UTF8.self))
}

/// Tells a person at the terminal what is being done.
func tell(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
