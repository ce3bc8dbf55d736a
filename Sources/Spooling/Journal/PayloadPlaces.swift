import Crypto
import Foundation
import Glibc

/// Looks for payloads by name and content in all folders of a spool, whose list is read once.
struct PayloadPlaces: Sendable {
  enum Finding: Hashable, Sendable {
    case present(Folder)
    /// There is a file of that name, and its bytes are not the payload's.
    case damaged(Folder)
    case nowhere
  }

  /// Paths rather than open folders: there may be hundreds of dated ones.
  private struct Place: Sendable {
    let folder: Folder
    let top: OpenFolder
    /// Of a name in it, seen from the top: nothing, or the folder's name and a slash.
    let prefix: String
  }

  private let now: Date
  private let beforeVerdict: [Place]
  private let done: [(day: Day, place: Place)]
  private let failed: [(day: Day, place: Place)]

  /// `now` is by our clock (UTC).
  init(of spool: Spool, now: Date) throws(SpoolError) {
    self.now = now
    let (incoming, active) = (try spool.folders.open("incoming"), try spool.folders.open("active"))
    var early = [Place(folder: .incoming, top: incoming, prefix: "")]
    for owner in try spool.ownerNames() { early.append(Place(folder: .active(owner: owner), top: active, prefix: owner + "/")) }
    early.append(Place(folder: .deferred, top: try spool.folders.open("deferred"), prefix: ""))
    early.append(Place(folder: .hold, top: try spool.folders.open("hold"), prefix: ""))
    beforeVerdict = early
    done = try Self.dated("done", of: spool) { .done($0) }
    failed = try Self.dated("failed", of: spool) { .failed($0) }
  }

  private static func dated(
    _ name: String, of spool: Spool, _ folder: (Day) -> Folder
  ) throws(SpoolError) -> [(day: Day, place: Place)] {
    let top = try spool.folders.open(name)
    return try spool.days(of: name).map { ($0, Place(folder: folder($0), top: top, prefix: "\($0)/")) }
  }

  /// Looks in the order of a payload's way, so that one which goes on meanwhile is not missed.
  func find(_ record: JournalRecord) throws(SpoolError) -> Finding {
    // A verdict comes after the receipt, or the clock went back between them; the day before is for clocks that part.
    let first = Day(min(record.receivedAt, now).addingTimeInterval(-86_400))
    var damaged: Folder?
    for place in beforeVerdict {
      guard let isWhole = try look(for: record, in: place) else { continue }
      if isWhole { return .present(place.folder) }
      damaged = damaged ?? place.folder
    }
    for dated in [done, failed] {
      for (day, place) in dated where day >= first {
        guard let isWhole = try look(for: record, in: place) else { continue }
        if isWhole { return .present(place.folder) }
        damaged = damaged ?? place.folder
      }
    }
    return damaged.map(Finding.damaged) ?? .nowhere
  }

  /// Whether the file there is the payload; nil when there is none.
  private func look(for record: JournalRecord, in place: Place) throws(SpoolError) -> Bool? {
    let name = RawName(place.prefix + record.name.description)
    guard let status = try place.top.status(of: name), status.isRegular else { return nil }
    guard status.size == record.bytes.count, let file = place.top.open(name, O_RDONLY | O_NONBLOCK).file,
      case .success(let bytes) = FileContent.read(file, size: status.size)
    else {
      return false
    }
    return SHA256.hash(data: bytes).elementsEqual(record.sha256)
  }
}
