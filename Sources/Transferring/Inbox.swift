internal import CCurl
internal import NIOConcurrencyHelpers

/// What the transfer thread is told.
enum Order: Sendable {
  case start(Job)
  /// Unknown numbers are passed over: the transfer may have ended in the meantime.
  case cancel(UInt64)
}

/// One request on its way to the transfer thread, with the one to whom the outcome goes.
struct Job: Sendable {
  let number: UInt64
  var request: TransferRequest
  /// From here its timeout runs.
  let arrived = ContinuousClock.now
  let outcome: CheckedContinuation<Result<TransferAnswer, TransferError>, Never>
}

/// Orders from any thread to the transfer thread.
final class Inbox: Sendable {
  private struct State {
    var orders: [Order] = []
    var isClosed = false
    var lastNumber: UInt64 = 0
    var bell: Bell?
  }

  private let state: NIOLockedValueBox<State>

  init(bell: Bell) { state = NIOLockedValueBox(State(bell: bell)) }

  func nextNumber() -> UInt64 {
    state.withLockedValue { state in
      state.lastNumber += 1
      return state.lastNumber
    }
  }

  /// Leaves an order and wakes the thread; false, and nothing is left, once the inbox is closed.
  func put(_ order: Order) -> Bool {
    state.withLockedValue { state in
      guard !state.isClosed else { return false }
      state.orders.append(order)
      // Rung under the lock, for the thread takes the bell away under it: the ring is one small write that never waits.
      if state.orders.count == 1 { state.bell?.ring() }
      return true
    }
  }

  /// Everything left so far; once `isClosed` is true nothing follows.
  func take() -> (orders: [Order], isClosed: Bool) {
    state.withLockedValue { state in
      defer { state.orders = [] }
      return (state.orders, state.isClosed)
    }
  }

  func close() {
    state.withLockedValue { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      state.bell?.ring()
    }
  }

  /// After this nobody rings any more, and the bell's handle may be freed.
  func takeBellAway() { state.withLockedValue { $0.bell = nil } }
}

/// Wakes the thread that waits in `curl_multi_poll`.
///
/// Unchecked: of all that can be done with the handle, this type only wakes, which libcurl allows from any thread while the handle lives.
struct Bell: @unchecked Sendable {
  private let multi: UnsafeMutableRawPointer

  init(multi: UnsafeMutableRawPointer) { self.multi = multi }

  func ring() { curl_multi_wakeup(multi) }
}
