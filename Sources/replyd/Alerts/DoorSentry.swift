internal import Foundation
internal import NIOConcurrencyHelpers
internal import Processing
internal import Receiving
internal import Spooling

/// Minds the disk, and the signatures that were refused at the door, by the receipts of whichever process had the door.
final class DoorSentry: Sentry {
  private struct State {
    var reader: RefusalReader
    var refusals: [(at: Date, count: Int)] = []
    let begin: Date
  }

  /// How many wrong signatures in how long are an alert: a stranger who tries once is none.
  private static let (most, time): (Int, TimeInterval) = (5, 600)

  private let spool: Spool
  private let state: NIOLockedValueBox<State>

  init(_ spool: Spool, at now: Date = Date()) {
    self.spool = spool
    state = NIOLockedValueBox(State(reader: RefusalReader(spool: spool.path, at: now), begin: now))
  }

  func conditions(at now: Date) async -> [Condition] { [disk()] + signatures(at: now) }

  private func disk() -> Condition {
    let limits = Journal.Options()
    // A disk that cannot be asked is told of by whoever has to write to it.
    let room = try? spool.room()
    let isFull = room.map { !$0.has(bytes: limits.leastFreeBytes, inodes: limits.leastFreeInodes) } ?? false
    let left = room.map { "\($0.bytes >> 20) MiB\($0.inodes.map { " and \($0) inodes" } ?? "")" } ?? ""
    return Condition(
      "disk.floor", about: spool.path,
      trouble: isFull ? "The spool's disk is nearly full, \(left) are left: webhooks get 503. Free some." : nil)
  }

  private func signatures(at now: Date) -> [Condition] {
    let (sum, isFresh) = state.withLockedValue { state -> (Int, Bool) in
      let count = state.reader.count(at: now)
      if count > 0 { state.refusals.append((now, count)) }
      state.refusals.removeAll { now.timeIntervalSince($0.at) > DoorSentry.time }
      return (state.refusals.reduce(0) { $0 + $1.count }, now.timeIntervalSince(state.begin) < DoorSentry.time)
    }
    let isTrouble = sum >= DoorSentry.most
    // What was before this process began is not known: whether it is over, it can say later.
    guard isTrouble || !isFresh else { return [] }
    return [
      Condition(
        "webhook.refused", about: "signature",
        trouble: isTrouble
          ? "\(sum) webhooks had a wrong signature in ten minutes. Compare META_APP_SECRET with the app's, and see that nothing in between "
            + "changes bodies; receipts/ tells who sent them." : nil)
    ]
  }
}
