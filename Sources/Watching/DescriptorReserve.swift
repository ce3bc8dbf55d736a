internal import Glibc

/// Low descriptors kept for libinotifytools, which aborts the process when its own is 1024 or higher.
struct DescriptorReserve: ~Copyable {
  /// Source: glibc, `FD_SETSIZE`.
  static let limit: Int32 = 1024
  private var kept: [Int32] = []

  deinit { for descriptor in kept { close(descriptor) } }

  /// Takes low descriptors as far as there are any: one for the next watch, one more in case another thread is quicker when it begins anew.
  mutating func fill() { _ = problem() }

  /// Frees one descriptor, so that the next one opened is low.
  mutating func makeRoom() throws(WatchError) {
    let problem = problem()
    guard let descriptor = kept.popLast() else { throw problem ?? .descriptorTooHigh(Self.limit) }
    close(descriptor)
  }

  /// Fills up, and says why it could not.
  private mutating func problem() -> WatchError? {
    while kept.count < 2 {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      let code = errno
      guard descriptor >= 0 else { return .refused(code: code) }
      guard descriptor < Self.limit else {
        close(descriptor)
        return .descriptorTooHigh(descriptor)
      }
      kept.append(descriptor)
    }
    return nil
  }
}
