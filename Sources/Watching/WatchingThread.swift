internal import Dispatch
internal import Foundation
internal import Glibc
internal import NIOConcurrencyHelpers

/// The one thread on which libinotifytools is used.
final class WatchingThread: Sendable {
  private struct State {
    var isStopping = false
    var identity: pthread_t?
    /// Nil until the first watch has begun or failed.
    var beginning: Result<Void, WatchError>?
  }

  private let directory: String
  private let onHint: @Sendable (Hint) -> Void
  private let onEnd: @Sendable () -> Void
  private let state = NIOLockedValueBox(State())
  private let begun = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let stopped = DispatchSemaphore(value: 0)

  init(directory: String, onHint: @escaping @Sendable (Hint) -> Void, onEnd: @escaping @Sendable () -> Void) {
    (self.directory, self.onHint, self.onEnd) = (directory, onHint, onEnd)
  }

  /// Returns when the directory is watched.
  func start() throws(WatchError) {
    let thread = Thread { [self] in
      state.withLockedValue { $0.identity = pthread_self() }
      run()
      onEnd()
      ended.signal()
    }
    thread.name = "watcher"
    thread.start()
    begun.wait()
    guard case .failure(let error) = state.withLockedValue({ $0.beginning }) else { return }
    ended.wait()
    throw error
  }

  func askToStop() {
    state.withLockedValue { $0.isStopping = true }
    stopped.signal()
  }

  func waitForEnd() {
    guard state.withLockedValue({ $0.identity }) != pthread_self() else { return }
    ended.wait()
    // For the next one who waits.
    ended.signal()
  }

  private var isStopping: Bool { state.withLockedValue { $0.isStopping } }

  private func run() {
    var reserve = DescriptorReserve()
    var cause = ScanCause.started
    while !isStopping {
      do throws(WatchError) {
        let watch = try Watch(directory: directory, reserve: &reserve)
        report(.success(()))
        onHint(.scan(cause))
        follow(watch)
        // At once: the lost watch has just given its low descriptor back.
        reserve.fill()
        if !isStopping { onHint(.scan(.watchLost)) }
        cause = .watchRegained
      } catch {
        // The first watch must succeed; later ones are tried until they do, and the periodic scan works meanwhile.
        guard cause != .started else { return report(.failure(error)) }
      }
      // Its result says who was first, the stop or the second; the loop's condition asks for itself.
      if !isStopping { _ = stopped.wait(timeout: .now() + .seconds(1)) }
    }
  }

  /// Passes hints on until the watch is lost or the stop is asked for; then the watch is over.
  private func follow(_ watch: consuming Watch) {
    while !isStopping {
      switch watch.next() {
      case .nothing: continue
      case .hint(let hint): onHint(hint)
      case .lost: return
      }
    }
  }

  private func report(_ beginning: Result<Void, WatchError>) {
    let isFirst = state.withLockedValue { state in
      defer { state.beginning = state.beginning ?? beginning }
      return state.beginning == nil
    }
    if isFirst { begun.signal() }
  }
}
