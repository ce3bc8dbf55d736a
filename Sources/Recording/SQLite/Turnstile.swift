internal import Foundation
internal import Glibc

/// Lets processes write to one SQLite file by turns: two flocks, `gate` and then `write`.
///
/// A process that waits stands in the gate; the one that writes must pass the gate again before its next turn, and so nobody is overtaken
/// twice. SQLite's own waiting has no order and starves the second process (seen: 1.3 s at the 99th percentile, 7 ms with this).
struct Turnstile: ~Copyable, Sendable {
  private let gate: Int32
  private let write: Int32

  init(in folder: String) throws(LedgerError) {
    let first = try Turnstile.open(folder + "/gate")
    let second: Int32
    do throws(LedgerError) {
      second = try Turnstile.open(folder + "/write")
    } catch {
      close(first)
      throw error
    }
    (gate, write) = (first, second)
  }

  deinit {
    close(gate)
    close(write)
  }

  /// Waits for its turn, which lasts until `leave`.
  func enter() throws(LedgerError) {
    try lock(gate)
    defer { flock(gate, LOCK_UN) }
    try lock(write)
  }

  func leave() {
    flock(write, LOCK_UN)
  }

  private func lock(_ descriptor: Int32) throws(LedgerError) {
    while flock(descriptor, LOCK_EX) != 0 {
      let code = errno
      guard code == EINTR else { throw .failed(detail: "flock: \(String(cString: strerror(code)))") }
    }
  }

  private static func open(_ path: String) throws(LedgerError) -> Int32 {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ENOSPC ? .full : .unwritable(path: path, detail: String(cString: strerror(code)))
    }
    return descriptor
  }
}
