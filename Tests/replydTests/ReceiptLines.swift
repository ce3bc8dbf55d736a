import Foundation
import Spooling

extension Spool {
  /// All lines of receipts; none when there is no such folder yet.
  func receiptLines() throws -> [String] {
    let folder = path + "/receipts"
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder).flatMap { file in
      try String(contentsOfFile: folder + "/" + file, encoding: .utf8).split(separator: "\n").map(String.init)
    }
  }
}
