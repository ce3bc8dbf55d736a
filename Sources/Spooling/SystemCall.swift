import Glibc

/// The one door to system calls that answer a negative number when they fail.
enum SystemCall {
  /// Calls again while a signal interrupts; the code is 0 when the call succeeded, else its errno.
  static func run<Value: SignedInteger>(_ call: () -> Value) -> (value: Value, code: Int32) {
    while true {
      let value = call()
      let code = value < 0 ? errno : 0
      if code != EINTR { return (value, code) }
    }
  }

  /// What errno `code` means, as the C library words it.
  static func text(of code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return buffer.withUnsafeBufferPointer { text in
      text.baseAddress.map { String(cString: $0) } ?? ""
    }
  }
}
