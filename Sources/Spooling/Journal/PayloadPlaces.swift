import Crypto
import Foundation

/// Looks for payloads by name and content in all folders of a spool, whose list is read once.
struct PayloadPlaces {
  enum Finding: Hashable, Sendable {
    case present(Folder)
    /// There is a file of that name, and its bytes are not the payload's.
    case damaged(Folder)
    case nowhere
  }

  private let spool: Spool
  private let now: Date
  private let beforeVerdict: [Folder]
  private let days: (done: [Day], failed: [Day])

  /// `now` is by our clock (UTC).
  init(of spool: Spool, now: Date) throws(SpoolError) {
    (self.spool, self.now) = (spool, now)
    beforeVerdict = [.incoming] + (try spool.ownerNames()).map { .active(owner: $0) } + [.deferred, .hold]
    days = (try spool.days(of: "done"), try spool.days(of: "failed"))
  }

  /// Looks in the order of a payload's way, so that one which goes on meanwhile is not missed.
  func find(_ record: JournalRecord) throws(SpoolError) -> Finding {
    // A verdict comes after the receipt, or the clock went back between them; the day before is for clocks that part.
    let first = Day(min(record.receivedAt, now).addingTimeInterval(-86_400))
    let filed = days.done.filter { $0 >= first }.map(Folder.done) + days.failed.filter { $0 >= first }.map(Folder.failed)
    var damaged: Folder?
    for folder in beforeVerdict + filed {
      switch try look(for: record, in: folder) {
      case true?: return .present(folder)
      case false?: damaged = damaged ?? folder
      case nil: continue
      }
    }
    return damaged.map(Finding.damaged) ?? .nowhere
  }

  /// Whether the file there is the payload; nil when there is none.
  private func look(for record: JournalRecord, in folder: Folder) throws(SpoolError) -> Bool? {
    // Paths rather than open folders: there may be hundreds of dated ones.
    let parts = "\(folder)".split(separator: "/")
    let name = RawName((parts.dropFirst() + [Substring(record.name.description)]).joined(separator: "/"))
    let top = try spool.folders.open(String(parts[0]))
    guard let status = try top.status(of: name), status.isRegular else { return nil }
    guard status.size == record.bytes.count else { return false }
    guard case .success(let bytes) = FileContent.read(name, in: top, atMost: record.bytes.count) else { return false }
    return SHA256.hash(data: bytes).elementsEqual(record.sha256)
  }
}
