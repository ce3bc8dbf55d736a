import Foundation
import Glibc
import NIOConcurrencyHelpers
import Spooling

/// Statuses on their way from the stand-in into the spool: most come at once, some twice, some late, and none while they are held.
final class StatusMail: Sendable {
  private struct State {
    var dice: SeededGenerator
    var isHolding = false
    var held: [(body: [UInt8], spool: Spool)] = []
    var delivered = 0
    var told: Set<String> = []

    mutating func deliver(_ body: [UInt8], to spool: Spool) {
      delivered += 1
      told.insert(StatusMail.message(body))
      do {
        try spool.put(body, as: "status-\(delivered).json")
      } catch {
        fatalError("a status could not be written: \(error)")
      }
    }
  }

  private let state: NIOLockedValueBox<State>

  init(seed: UInt64) { state = NIOLockedValueBox(State(dice: SeededGenerator(seed: seed))) }

  func take(_ body: [UInt8], for spool: Spool) {
    state.withLockedValue { state in
      let fate = state.dice.next() % 10
      guard !state.isHolding, fate > 1 else { return state.held.append((body, spool)) }
      state.deliver(body, to: spool)
      if fate == 2 { state.deliver(body, to: spool) }
    }
  }

  /// The messages of which something was told.
  var told: Set<String> { state.withLockedValue { $0.told } }

  /// The message that a status speaks of.
  private static func message(_ body: [UInt8]) -> String {
    let words = String(decoding: body, as: UTF8.self).split(separator: "\"")
    return words.first { $0.hasPrefix("wamid.") }?.replacing("\\/", with: "/").description ?? ""
  }

  /// From now on nothing comes.
  func hold() { state.withLockedValue { $0.isHolding = true } }

  /// What was held comes now, in no order.
  func release() {
    state.withLockedValue { state in
      state.isHolding = false
      state.held.shuffle(using: &state.dice)
      for (body, spool) in state.held { state.deliver(body, to: spool) }
      state.held = []
    }
  }

  /// Loses what is held of one message.
  func lose(_ id: String) {
    state.withLockedValue { state in state.held.removeAll { StatusMail.message($0.body) == id } }
  }
}

extension Spool {
  /// Puts a payload into incoming/ by one rename, as `mv` does; nothing is synced.
  func put(_ bytes: [UInt8], as name: String) throws {
    let draft = path + "/tmp/\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: draft))
    guard rename(draft, path + "/incoming/" + name) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }
}
