import Foundation
import Spooling
import Testing

@testable import Receiving

/// A store that does what its closure says.
struct StoreDouble: PayloadStore {
  var keep: @Sendable ([UInt8], Date) async throws(SpoolError) -> PayloadID

  func append(_ record: JournalRecord) async throws(JournalError) {
    do throws(SpoolError) {
      _ = try await keep(record.bytes, record.receivedAt)
    } catch {
      throw .failed(error)
    }
  }
}

/// Remembers what was kept, and when it had come.
actor Shelf {
  private(set) var payloads: [[UInt8]] = []
  private(set) var times: [Date] = []

  func put(_ bytes: [UInt8], receivedAt: Date) throws(SpoolError) -> PayloadID {
    payloads.append(bytes)
    times.append(receivedAt)
    guard let id = PayloadID("payload-\(payloads.count).json") else { throw .missing(path: "a name") }
    return id
  }

  nonisolated var store: StoreDouble {
    StoreDouble { bytes, receivedAt throws(SpoolError) in try await self.put(bytes, receivedAt: receivedAt) }
  }
}

/// A store that must not be asked.
let untouchedStore = StoreDouble { _, _ throws(SpoolError) in
  Issue.record("a payload was stored")
  throw .missing(path: "a payload that must not be stored")
}

/// Lets nobody on before it is opened.
actor Gate {
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func open() {
    isOpen = true
    for continuation in waiting { continuation.resume() }
    waiting = []
  }

  func wait() async {
    guard !isOpen else { return }
    await withCheckedContinuation { waiting.append($0) }
  }
}
