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

  let port: Int
  let folder: String
  private let child: Child

  /// Starts it, and waits until it listens.
  ///
  /// - Parameters:
  ///   - kind: Which one.
  ///   - folder: Is made; everything that the server writes goes there.
  ///   - replyd: The program for `durable`.
  /// - Throws: `MeasureFailure` with the server's last words.
  init(_ kind: Kind, in folder: String, replyd: String) throws {
    self.folder = folder
    child = try Child(
      kind == .durable ? replyd : ownProgram, kind == .durable ? ["receive"] : ["serve", kind.rawValue, folder], in: folder,
      environment: [
        "REPLYD_SPOOL": folder + "/spool", "REPLYD_LISTEN": "127.0.0.1:0", "META_APP_SECRET": Load.secret, "WEBHOOK_VERIFY_TOKEN": "token",
      ])
    guard let port = Int(try child.wait(for: /http:\/\/127\.0\.0\.1:([0-9]+)/).1) else { throw MeasureFailure("no port") }
    self.port = port
  }

  var usage: Child.Usage {
    get throws { try child.usage }
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
    let text = try child.stop()
    guard let match = text.firstMatch(of: /payloads=([0-9]+) syncs=([0-9]+)/) else { return nil }
    return (Int(match.output.1) ?? 0, Int(match.output.2) ?? 0)
  }
}

/// Drives a server from a process of its own.
func drive(_ load: Load) throws -> LoadResult {
  let process = Child.process(ownProgram, ["drive"])
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
