import Dispatch
import Foundation
import Watching

/// A watcher that is let in at the gate and stops itself at the first name, whatever else has come.
///
/// Unchecked: `watcher` is set before the gate opens, and read only after it.
final class SelfStopper: @unchecked Sendable {
  private let gate = DispatchSemaphore(value: 0)
  private let name = AsyncStream<String>.makeStream()
  private var watcher: Watcher?

  init(directory: String) throws {
    let watcher = Watcher(directory: directory) { [unowned self] hint in take(hint) }
    self.watcher = watcher
    try watcher.start()
  }

  /// Lets it see what has come so far, and returns when it has ended.
  func openGate() async {
    gate.signal()
    for await _ in name.stream { break }
    watcher?.stop()
  }

  private func take(_ hint: Hint) {
    switch hint {
    case .scan: gate.wait()
    case .name(let text):
      watcher?.stop()
      name.continuation.yield(text)
    }
  }
}
