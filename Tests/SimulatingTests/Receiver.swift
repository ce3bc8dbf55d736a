import Foundation

@testable import Simulating

/// A receiver of webhooks: notes what comes, and answers the statuses it was told, the last of them for ever; 0 hangs up, nil hangs.
///
/// Unchecked: the calls are read and written under the lock only.
final class Receiver: StandInDesk, @unchecked Sendable {
  let bodyLimit = 1 << 20
  private let statuses: [Int?]
  private let lock = NSLock()
  private var seen: [StandInCall] = []

  init(statuses: [Int?]) { self.statuses = statuses }

  /// In the order in which they came.
  var calls: [StandInCall] { lock.withLock { seen } }

  func act(on call: StandInCall) -> StandInAct {
    let count = lock.withLock {
      seen.append(call)
      return seen.count
    }
    guard let status = statuses[min(count, statuses.count) - 1] else { return StandInAct(ending: .hang) }
    return StandInAct(ending: status == 0 ? .hangUp : .answer(StandInAnswer(status: status, json: [:])))
  }

  func refuseBody(of call: StandInCall) -> StandInAct { StandInAct(ending: .hangUp) }

  func control(_ call: StandInCall) -> StandInAnswer { StandInAnswer(status: 404, json: [:]) }
}

/// Runs a receiver, and ends it with the scope; the body gets its URL.
func withReceiver(
  _ statuses: [Int?],
  _ body: @Sendable (Receiver, String) async throws -> Void
) async throws {
  let receiver = Receiver(statuses: statuses)
  let server = StandInServer(desk: receiver)
  async let _: Void = server.run()
  try await body(receiver, "http://127.0.0.1:\(try await server.boundPort)/webhook/meta")
}
