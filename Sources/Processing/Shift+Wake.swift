internal import Foundation
internal import Logging
internal import Recording

extension Shift {
  /// Opens some of the turns again that were refused for lack of credits their user has got since.
  ///
  /// The mark is in the ledger: whoever added the credits, and whoever is killed, some process goes on with it.
  func wake(_ times: inout Times) async throws(ProcessingError) {
    guard let opened = try await wakeSome() else {
      times.isWaking = false
      return
    }
    guard opened > 0 else { return }
    times.nextTake = .distantPast
    logger.notice("turns opened again, for credits were added", metadata: ["turns": "\(opened)"])
  }

  private func wakeSome() async throws(ProcessingError) -> Int? {
    do throws(ProcessingError) {
      return try await step(Waking.stride)
    } catch {
      guard case .ledger(.constraint) = error else { throw error }
    }
    // One by one, so that what the ledger refuses harms no other.
    var opened = 0
    for _ in 0..<Waking.stride {
      do throws(ProcessingError) {
        opened += try await step(1) ?? 0
      } catch {
        guard case .ledger(.constraint) = error else { throw error }
        logger.error("a refused turn could not be opened again", metadata: ["error": "\(error.message)"])
        _ = try await step(1, isSkipping: true)
      }
    }
    return opened
  }

  private func step(_ limit: Int, isSkipping: Bool = false) async throws(ProcessingError) -> Int? {
    let (now, clock) = (processor.now, processor.clock)
    return try await transaction { transaction throws(LedgerError) in
      try Waking(transaction: transaction, present: clock.present(now())).step(limit, isSkipping: isSkipping)
    }
  }
}
