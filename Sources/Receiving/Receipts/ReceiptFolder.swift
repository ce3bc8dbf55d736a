import CLinux
import Foundation
import Glibc
import Spooling

/// The folder receipts/ of a spool: one file a UTC day.
struct ReceiptFolder: Sendable {
  let path: String

  init(spool: String) {
    path = spool + "/receipts"
  }

  func path(of day: Day) -> String { "\(path)/\(day).jsonl" }

  /// The days that have a file, newest first; none when there is no folder.
  func days() throws(ReceiptError) -> [Day] {
    guard access(path, F_OK) == 0 else { return [] }
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: path)
      return names.compactMap { $0.hasSuffix(".jsonl") ? Day(String($0.dropLast(".jsonl".count))) : nil }.sorted(by: >)
    } catch {
      throw .forbidden(path: path)
    }
  }

  /// Adds whole lines to a day's file, as one write; makes file (0600) and folder (0700) when they are missing.
  ///
  /// A line that a crash has torn is ended first. What cannot be written whole is taken back, so that the file ends with a whole line.
  /// Several processes take turns by flock(2).
  ///
  /// - Throws: `.busy` when another process has the lock for a second, else what the file system says.
  func append(_ lines: [UInt8], to day: Day) throws(ReceiptError) {
    let path = path(of: day)
    let file = try open(path)
    defer { close(file) }
    try lock(file, path)
    let size = try Self.check(lseek(file, 0, SEEK_END), "lseek", path)
    let isTorn = try Self.isTorn(file, size: size, path)
    do throws(ReceiptError) {
      try Self.write(isTorn ? [UInt8(ascii: "\n")] + lines : lines, to: file, path)
    } catch {
      // Should even this fail, the next one who writes ends the torn line.
      _ = ftruncate(file, size)
      throw error
    }
  }

  private func open(_ path: String) throws(ReceiptError) -> Int32 {
    let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    var file = Glibc.open(path, flags, 0o600)
    if file < 0, errno == ENOENT {
      // Its answer does not matter: the folder is there afterwards, or opening the file says why not.
      _ = mkdir(self.path, 0o700)
      file = Glibc.open(path, flags, 0o600)
    }
    return try Self.check(file, "open", path)
  }

  /// Waits a second for who has it locked.
  func lock(_ file: Int32, _ path: String) throws(ReceiptError) {
    // The others hold it for microseconds; one that was stopped in between must not stop this process, too.
    for _ in 1...1000 {
      if clinux_flock(file, LOCK_EX | LOCK_NB) == 0 { return }
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR else { throw ReceiptError(code, of: "flock", at: path) }
      usleep(1000)
    }
    throw .busy(path: path)
  }

  private static func isTorn(_ file: Int32, size: off_t, _ path: String) throws(ReceiptError) -> Bool {
    guard size > 0 else { return false }
    var last: UInt8 = 0
    try check(pread(file, &last, 1, size - 1), "pread", path)
    return last != UInt8(ascii: "\n")
  }

  private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(ReceiptError) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      written += try check(count, "write", path)
    }
  }

  @discardableResult
  private static func check<Value: SignedInteger>(_ value: Value, _ call: String, _ path: String) throws(ReceiptError) -> Value {
    let code = errno
    guard value >= 0 else { throw ReceiptError(code, of: call, at: path) }
    return value
  }
}
