internal import Foundation
internal import Glibc

/// One server under load, in a process and a folder of its own.
final class MeasuredServer {
  /// What it does with a webhook.
  enum Kind: String, CaseIterable {
    /// Reads the body.
    case read
    /// Checks the signature too: the whole webhook but for the store.
    case signed
    /// All of it: `replyd receive`.
    case durable
  }

  /// What a process has used until now.
  struct Usage {
    /// Of all its threads, in seconds.
    var cpu: Double
    /// In MiB.
    var resident: Double
  }

  let port: Int
  let folder: String
  private let process = Process()

  /// Starts it, and waits until it listens.
  ///
  /// - Parameters:
  ///   - kind: Which one.
  ///   - folder: Is made; everything that the server writes goes there.
  ///   - replyd: The program for `durable`.
  /// - Throws: `MeasureFailure` with the server's last words.
  init(_ kind: Kind, in folder: String, replyd: String) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let talk = folder + "/talk"
    _ = FileManager.default.createFile(atPath: talk, contents: nil)
    process.executableURL = kind == .durable ? URL(fileURLWithPath: replyd) : ownProgram
    process.arguments = kind == .durable ? ["receive"] : ["serve", kind.rawValue, folder]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = [
      "REPLYD_SPOOL": folder + "/spool", "REPLYD_LISTEN": "127.0.0.1:0", "META_APP_SECRET": Load.secret, "WEBHOOK_VERIFY_TOKEN": "token",
    ]
    process.standardError = FileHandle(forWritingAtPath: talk)
    process.standardOutput = FileHandle(forWritingAtPath: talk)
    try process.run()
    port = try Self.port(toldIn: talk, by: process)
  }

  private static func port(toldIn path: String, by process: Process) throws -> Int {
    for _ in 0..<2000 {
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      if let match = text.firstMatch(of: /http:\/\/127\.0\.0\.1:([0-9]+)/), let port = Int(match.output.1) { return port }
      guard process.isRunning else { throw MeasureFailure("the server has ended: \(text)") }
      usleep(10_000)
    }
    process.terminate()
    throw MeasureFailure("the server did not say in 20 s where it listens; see \(path)")
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  var usage: Usage {
    get throws {
      let id = process.processIdentifier
      let stat = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
      let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
      // Behind the program's name, which may hold anything: state is the third field, the times are the 14th and 15th.
      let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
      guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]),
        let resident = status.firstMatch(of: /VmRSS:\s+([0-9]+) kB/).flatMap({ Double($0.output.1) })
      else { throw MeasureFailure("/proc/\(id) does not say what the server uses") }
      return Usage(cpu: (user + system) / Double(sysconf(Int32(_SC_CLK_TCK))), resident: resident / 1024)
    }
  }

  /// How many payloads lie in its spool.
  var files: Int {
    guard let folder = opendir(folder + "/spool/incoming") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return count
  }

  /// Returns when so many payloads lie in the spool.
  func waitForFiles(_ count: Int) throws {
    var (last, since) = (-1, monotonic())
    while true {
      let now = files
      if now >= count { return }
      if now > last { (last, since) = (now, monotonic()) }
      guard monotonic() - since < 60_000_000_000 else {
        throw MeasureFailure("only \(now) of \(count) payloads became files; see \(folder)/talk")
      }
      // No folder can be read without holding up those who make files in it: seldom, then.
      Thread.sleep(forTimeInterval: max(0.1, Double(count - now) / 50_000))
    }
  }

  /// Ends it in order.
  ///
  /// - Returns: How many syncs it made for how many payloads; nil when it does not say.
  func stop() throws -> (payloads: Int, syncs: Int)? {
    process.terminate()
    process.waitUntilExit()
    let text = (try? String(contentsOfFile: folder + "/talk", encoding: .utf8)) ?? ""
    guard process.terminationStatus == 0 else { throw MeasureFailure("the server ended badly: \(text.suffix(1000))") }
    guard let match = text.firstMatch(of: /payloads=([0-9]+) syncs=([0-9]+)/) else { return nil }
    return (Int(match.output.1) ?? 0, Int(match.output.2) ?? 0)
  }
}

/// This program.
let ownProgram = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()

/// Drives a server from a process of its own.
func drive(_ load: Load) throws -> LoadResult {
  let process = Process()
  process.executableURL = ownProgram
  process.arguments = ["drive"]
  let (input, output) = (Pipe(), Pipe())
  (process.standardInput, process.standardOutput) = (input, output)
  try process.run()
  try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(load))
  try input.fileHandleForWriting.close()
  let answer = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw MeasureFailure("the driver failed") }
  return try JSONDecoder().decode(LoadResult.self, from: answer)
}
