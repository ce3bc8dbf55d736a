package import Foundation
internal import Spooling

/// Counts the wrong signatures among a spool's receipts as they are written, from when it was made on.
package struct RefusalReader: Sendable {
  private let folder: ReceiptFolder
  private var day: Day
  private var offset: Int

  /// More than is written between two looks unless somebody floods us; then the newest are read.
  private static let most = 1 << 20

  package init(spool: String, at now: Date) {
    folder = ReceiptFolder(spool: spool)
    day = Day(now)
    offset = 0
    offset = size(of: day)
  }

  /// How many since the last time.
  package mutating func count(at now: Date) -> Int {
    var count = read()
    let today = Day(now)
    if today != day {
      (day, offset) = (today, 0)
      count += read()
    }
    return count
  }

  private func size(of day: Day) -> Int {
    // A day without receipts has no file.
    (try? FileManager.default.attributesOfItem(atPath: folder.path(of: day))[.size] as? Int) ?? 0
  }

  private mutating func read() -> Int {
    let size = size(of: day)
    guard size > offset, let file = FileHandle(forReadingAtPath: folder.path(of: day)) else { return 0 }
    let start = max(offset, size - RefusalReader.most)
    offset = size
    // What cannot be read is not counted: whoever writes it tells of it.
    guard (try? file.seek(toOffset: UInt64(start))) != nil, let data = try? file.read(upToCount: size - start) else { return 0 }
    return [WebhookRefusal.signatureWrong, .secretUnset].reduce(0) { count, refusal in
      let verdict = Data(#""verdict":"\#(refusal.reason)""#.utf8)
      var (count, rest) = (count, data[...])
      while let found = rest.range(of: verdict) {
        count += 1
        rest = rest[found.upperBound...]
      }
      return count
    }
  }
}
