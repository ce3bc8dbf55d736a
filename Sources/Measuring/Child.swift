internal import ArgumentParser
internal import CLinux
internal import Foundation
internal import Glibc

/// Another program, in a folder of its own, that never outlives the bench.
final class Child {
  /// What a process has used until now.
  struct Usage {
    /// Of all its threads, in seconds.
    var cpu: Double
    /// In MiB, now and at the most.
    var resident: Double
    var mostResident: Double
  }

  let folder: String
  private let process: Process

  private var talk: String { folder + "/talk" }

  /// Starts it; what it says goes to `talk` in its folder.
  ///
  /// - Parameters:
  ///   - program: Its path.
  ///   - arguments: As on its command line.
  ///   - folder: Where it works; made when missing.
  ///   - environment: All that it gets.
  /// - Throws: When it cannot be started.
  init(_ program: String, _ arguments: [String], in folder: String, environment: [String: String]) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    process = Self.process(program, arguments, tellsBeginning: true)
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    _ = FileManager.default.createFile(atPath: folder + "/talk", contents: nil)
    let talk = FileHandle(forWritingAtPath: folder + "/talk")
    (process.standardError, process.standardOutput) = (talk, talk)
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  /// A process of that program that ends with this one, however this one ends; it can say first when it was begun.
  static func process(_ program: String, _ arguments: [String], tellsBeginning: Bool = false) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: ownProgram)
    process.arguments = ["hold"] + (tellsBeginning ? ["--tells-beginning"] : []) + ["\(getpid())", program] + arguments
    return process
  }

  /// Waits until it has said something.
  func wait<Output>(for words: Regex<Output>, seconds: Double = 20) throws -> Output {
    let end = monotonic() + Int(seconds * 1e9)
    while monotonic() < end {
      let text = said
      if let match = text.firstMatch(of: words) { return match.output }
      guard process.isRunning else { throw MeasureFailure("it has ended: \(text.suffix(1000))") }
      usleep(1000)
    }
    process.terminate()
    throw MeasureFailure("it did not say in \(Int(seconds)) s what was waited for; see \(talk)")
  }

  /// What it has said so far.
  var said: String { (try? String(contentsOfFile: talk, encoding: .utf8)) ?? "" }

  /// Ends it in order.
  ///
  /// - Returns: All that it has said.
  func stop() throws -> String {
    process.terminate()
    return try end(within: 60)
  }

  /// Waits until it ends in order.
  ///
  /// - Returns: All that it has said.
  func end(within seconds: Int) throws -> String {
    for _ in 0..<(seconds * 100) where process.isRunning { usleep(10_000) }
    guard !process.isRunning else { throw MeasureFailure("it did not end in \(seconds) s; see \(talk)") }
    let text = said
    guard process.terminationStatus == 0 else { throw MeasureFailure("it ended badly: \(text.suffix(1000))") }
    return text
  }

  var usage: Usage {
    get throws {
      let stat = try String(contentsOfFile: file("stat"), encoding: .utf8)
      let status = try String(contentsOfFile: file("status"), encoding: .utf8)
      // Behind the program's name, which may hold anything: state is the third field, the times are the 14th and 15th.
      let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
      guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]),
        let resident = status.firstMatch(of: /VmRSS:\s+([0-9]+) kB/).flatMap({ Double($0.output.1) }),
        let most = status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/).flatMap({ Double($0.output.1) })
      else { throw MeasureFailure("\(file("stat")) does not say what it uses") }
      return Usage(cpu: (user + system) / Double(sysconf(Int32(_SC_CLK_TCK))), resident: resident / 1024, mostResident: most / 1024)
    }
  }

  /// How often its threads wake up, second by second: a thread that wakes has gone to sleep before.
  ///
  /// Looked at each second, for threads that have nothing to do end after five, and their counts with them.
  func wakeups(seconds: Int) throws -> [Int] {
    var known = try sleeps
    return try (0..<seconds).map { _ in
      Thread.sleep(forTimeInterval: 1)
      let now = try sleeps
      defer { known.merge(now) { $1 } }
      return now.reduce(0) { $0 + max(0, $1.value - known[$1.key, default: 0]) }
    }
  }

  /// How often each of its threads has gone to sleep until now.
  private var sleeps: [String: Int] {
    get throws {
      let threads = try FileManager.default.contentsOfDirectory(atPath: file("task"))
      return Dictionary(uniqueKeysWithValues: threads.map { ($0, sleeps(of: $0)) })
    }
  }

  private func sleeps(of thread: String) -> Int {
    // A thread that has ended meanwhile sleeps no more.
    let status = (try? String(contentsOfFile: file("task/\(thread)/status"), encoding: .utf8)) ?? ""
    return status.firstMatch(of: /\nvoluntary_ctxt_switches:\s+([0-9]+)/).flatMap { Int($0.output.1) } ?? 0
  }

  private func file(_ name: String) -> String { "/proc/\(process.processIdentifier)/\(name)" }
}

/// This program.
let ownProgram = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path

/// Becomes another program, which the kernel ends when the bench has ended.
struct HoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "hold", shouldDisplay: false)

  @Flag var tellsBeginning = false
  @Argument var parent: Int32
  @Argument(parsing: .captureForPassthrough) var command: [String]

  func run() throws {
    guard clinux_end_with_parent() == 0 else { throw MeasureFailure.system("prctl") }
    // It may have ended before.
    guard getppid() == parent else { throw MeasureFailure("the bench has ended") }
    var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
    if tellsBeginning { tell("begun at \(monotonic())") }
    words.append(nil)
    execv(command[0], words)
    throw MeasureFailure.system("execv \(command[0])")
  }
}
