internal import CLinux
internal import Glibc

/// A connection to a server on this machine, and what belongs to it in a loop over many.
final class Socket {
  let number: Int32

  /// Connects to a port of 127.0.0.1, and does not block from then on.
  init(port: Int) throws(MeasureFailure) {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw .system("socket") }
    guard withLoopback(port, { connect(number, $0, $1) }) == 0 else {
      let failure = MeasureFailure.system("connect")
      close(number)
      throw failure
    }
    Self.prepare(number)
  }

  /// One that came in at a port of ours.
  init(accepted number: Int32) {
    self.number = number
    Self.prepare(number)
  }

  deinit { close(number) }

  private static func prepare(_ number: Int32) {
    var on: Int32 = 1
    setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    _ = fcntl(number, F_SETFL, O_NONBLOCK)
  }

  /// Whether the socket took all of it.
  func send(_ bytes: some Collection<UInt8>) -> Bool {
    let sent = bytes.withContiguousStorageIfAvailable { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    return sent == bytes.count
  }
}

/// A free port of this machine, at which connections come in.
final class Listener {
  let number: Int32
  let port: Int

  init() throws(MeasureFailure) {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw .system("socket") }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withLoopback(0) { bind(number, $0, $1) } == 0 && listen(number, 4096) == 0
    let isNamed = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &length) == 0 }
    }
    (self.number, port) = (number, Int(UInt16(bigEndian: address.sin_port)))
    _ = fcntl(number, F_SETFL, O_NONBLOCK)
    guard isBound, isNamed else { throw .system("listen") }
  }

  deinit { close(number) }

  /// The next connection, or nil when none waits.
  func accept() -> Socket? {
    let accepted = Glibc.accept(number, nil, nil)
    return accepted >= 0 ? Socket(accepted: accepted) : nil
  }
}

/// Calls `body` with the address of a port of 127.0.0.1.
private func withLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
  address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
  return withUnsafePointer(to: &address) { address in
    address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}

/// Tells which of many descriptors can be read.
final class Poll {
  private let number: Int32
  private var events = [epoll_event](repeating: epoll_event(), count: 512)

  init() throws(MeasureFailure) {
    number = epoll_create1(0)
    guard number >= 0 else { throw .system("epoll_create1") }
  }

  deinit { close(number) }

  /// Watches a descriptor until it is closed; `tag` is what `wait` calls it.
  func add(_ descriptor: Int32, tag: Int) throws(MeasureFailure) {
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    event.data.u64 = UInt64(tag)
    guard epoll_ctl(number, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw .system("epoll_ctl") }
  }

  /// The tags of those that can be read, after at most so many nanoseconds.
  func wait(nanoseconds: Int) -> [Int] {
    var time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    let count = epoll_pwait2(number, &events, Int32(events.count), &time, nil)
    return events.prefix(max(0, Int(count))).map { Int($0.data.u64) }
  }
}

/// The monotonic clock, in nanoseconds.
func monotonic() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
