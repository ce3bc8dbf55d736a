import Foundation
import Logging
import Recording
import Replying
import Sending
import Spooling

@testable import Processing

/// A process whose every step is made by hand, so that it can end between any two: when it is dropped, it has died.
struct Hand {
  let place: Installation
  let owner: Owner
  let inbox: Inbox
  let keeper = Turnkeeper(sendGrace: .seconds(600), verifiesChannels: true, jitter: { 0 })

  init(_ place: Installation) throws {
    self.place = place
    owner = try place.spool.openOwner()
    inbox = Inbox(spool: place.spool, owner: owner)
  }

  /// Claims what is ready; the files stay in active/.
  func claim() throws -> [Reading] {
    guard var intake = try inbox.openIntake(now: Date()) else { return [] }
    let files = try intake.claim()
    for file in files { intake.keep(file.id) }
    intake.close()
    return files.map(Reading.init)
  }

  func record(_ readings: [Reading]) async throws -> [Recorder.Recorded] {
    try await place.ledger.transaction { transaction throws(LedgerError) in
      var recorder = Recorder(transaction: transaction, quietPeriod: .zero, now: Date())
      var recorded: [Recorder.Recorded] = []
      for reading in readings { recorded.append(try recorder.record(reading)) }
      return recorded
    }
  }

  /// Claims, records and leases the one conversation that is due.
  func begin() async throws -> (Lease, Turnkeeper.Advance) {
    _ = try await record(try claim())
    let (keeper, owner) = (keeper, owner.name)
    return try await place.ledger.transaction { transaction throws(LedgerError) in
      var channel = ""
      guard let lease = try transaction.conversations.take(1, for: owner, after: &channel, at: Date()).first else {
        throw .failed(detail: "nothing is due")
      }
      return (lease, try keeper.advance(lease, after: .begun, isStopping: false, at: Date(), in: transaction))
    }
  }

  func advance(_ lease: Lease, _ occurrence: Turnkeeper.Occurrence, isStopping: Bool = false) async throws -> Turnkeeper.Advance {
    let keeper = keeper
    return try await place.ledger.transaction { transaction throws(LedgerError) in
      try keeper.advance(lease, after: occurrence, isStopping: isStopping, at: Date(), in: transaction)
    }
  }

  /// Goes on until the reply is in the ledger and its first part is marked.
  func mark(_ reply: String) async throws -> (Lease, Turnkeeper.SendOrder) {
    let (lease, first) = try await begin()
    guard case .generate(let order) = first.step,
      case .send(let send) = try await advance(lease, .replied(turn: order.turn, Reply(reply))).step
    else { throw LedgerError.failed(detail: "another step than expected") }
    return (lease, send)
  }

  var filing: Filing {
    let logger = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() })
    return Filing(spool: place.spool, owner: owner, ledger: place.ledger, logger: logger)
  }
}
