import NIOPosix

/// Threads for calls that wait for the disk.
final class StoreThreads: Sendable {
  /// Syncs that wait together share a commit of the file system, so more threads than cores pay off.
  static let count = 8

  private let pool = NIOThreadPool(numberOfThreads: count)

  init() {
    pool.start()
  }

  deinit {
    // Its answer does not matter: nobody is left to hear it, and no work is left to do.
    pool.shutdownGracefully { _ in }
  }

  /// Runs `work` on one of the threads, whether or not the calling task is cancelled; nil when the threads have ended.
  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value? {
    await withCheckedContinuation { continuation in
      pool.submit { state in
        switch state {
        case .active: continuation.resume(returning: work())
        case .cancelled: continuation.resume(returning: nil)
        }
      }
    }
  }
}
