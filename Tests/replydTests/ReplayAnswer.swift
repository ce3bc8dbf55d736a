import Foundation
import Glibc
import Recording
import Spooling
import Testing

/// What `replyd replay --json` answers.
struct ReplayAnswer: Decodable, Equatable {
  struct File: Decodable, Equatable {
    let path: String
    let outcome: String
    let reason: String?
    let charged: Int

    var name: String { URL(fileURLWithPath: path).lastPathComponent }
  }

  struct Sums: Decodable, Equatable {
    let files: [String: Int]
    let errors: Int
    let along: Int
    let replies: Int
    let charged: Int
    let skipped: [String: Int]
    let refused: [String: Int]
  }

  let isDry: Bool
  let files: [File]
  let sums: Sums

  private enum CodingKeys: String, CodingKey {
    case isDry = "dry_run"
    case files, sums
  }

  /// Whether anything runs.
  var runs: Bool { sums.files["sent", default: 0] + sums.files["recorded", default: 0] > 0 }

  func names(_ outcome: String) -> Set<String> { Set(files.filter { $0.outcome == outcome }.map(\.name)) }
}

extension Workplace {
  /// Runs files again, or says what that would do.
  func replay(_ arguments: [String], expecting statuses: Set<Int32> = [0, 1]) async throws -> ReplayAnswer {
    let ended = try await start(["replay", "--json", "--rate", "0"] + arguments).ended()
    try #require(statuses.contains(ended.status), "\(ended.status): \(ended.talk)")
    return try JSONDecoder().decode(ReplayAnswer.self, from: Data(ended.output.utf8))
  }

  /// Every row of every table but the ledger's own settings, as text; for telling whether anything has changed.
  func dump() async throws -> [String] {
    try await ledger { transaction throws(LedgerError) in
      let tables = try transaction.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", []).map { $0.text("name") }
      var lines: [String] = []
      for table in tables { lines += try transaction.query("SELECT * FROM \(table)", []).map { "\(table) \($0)" } }
      return lines
    }
  }

  /// Every file of the spool with its bytes' place on the disk and its times.
  func listing() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: spool.path).sorted().compactMap { path in
      var status = stat()
      guard lstat(spool.path + "/" + path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      return "\(path) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec)"
    }
  }
}
