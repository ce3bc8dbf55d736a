internal import Foundation
internal import Glibc

/// Offers a load to a server and times its answers; one thread.
struct LoadDriver {
  private final class Lane {
    let socket: Socket
    /// Since when somebody waits for the answer.
    var since = 0
    var answer: [UInt8] = []

    init(_ socket: Socket) { self.socket = socket }
  }

  private let load: Load
  private var requests: SignedRequests
  private var lanes: [Lane] = []
  private var free: [Int] = []
  private var poll: Poll
  private var begun = 0
  private var result = LoadResult()
  private var latencies = Latencies()
  private var input = [UInt8](repeating: 0, count: 64 << 10)

  init(_ load: Load) throws(MeasureFailure) {
    self.load = load
    requests = SignedRequests(load)
    poll = try Poll()
    for tag in 0..<load.connections { try open(tag) }
  }

  private mutating func open(_ tag: Int) throws(MeasureFailure) {
    let lane = Lane(try Socket(port: load.port))
    try poll.add(lane.socket.number, tag: tag)
    if tag < lanes.count { lanes[tag] = lane } else { lanes.append(lane) }
    free.append(tag)
  }

  /// Returns when all that was asked is answered.
  mutating func run() throws(MeasureFailure) -> LoadResult {
    let start = monotonic()
    let end = load.seconds.map { start + Int($0 * 1e9) } ?? .max
    while true {
      let now = monotonic()
      let isOver = begun >= load.requests ?? .max || now >= end
      let wait = isOver ? 1_000_000_000 : try begin(from: start, until: end)
      if isOver, free.count == load.connections { break }
      for tag in poll.wait(nanoseconds: wait) { try read(tag) }
    }
    result.seconds = Double(monotonic() - start) / 1e9
    let shares = latencies.percentiles([0.5, 0.99, 0.999])
    (result.p50, result.p99, result.p999) = (shares[0], shares[1], shares[2])
    return result
  }

  /// Begins what is due; says for how long nothing will be, in nanoseconds.
  private mutating func begin(from start: Int, until end: Int) throws(MeasureFailure) -> Int {
    while let tag = free.last, begun < load.requests ?? .max {
      let now = monotonic()
      let due = load.rate.map { start + Int(Double(begun) / $0 * 1e9) } ?? now
      if due >= end { return 1_000_000 }
      if due > now { return due - now }
      free.removeLast()
      requests.make(begun)
      begun += 1
      try send(tag, since: due)
    }
    return 100_000_000
  }

  private mutating func send(_ tag: Int, since: Int) throws(MeasureFailure) {
    let lane = lanes[tag]
    lane.since = since
    lane.answer.removeAll(keepingCapacity: true)
    // A socket of loopback takes a request of 1 KiB whole, or is broken.
    if !lane.socket.send(requests.bytes) { try fail(tag) }
  }

  private mutating func read(_ tag: Int) throws(MeasureFailure) {
    let lane = lanes[tag]
    let count = input.withUnsafeMutableBytes { recv(lane.socket.number, $0.baseAddress, $0.count, 0) }
    if count < 0, errno == EAGAIN { return }
    guard count > 0 else { return try fail(tag) }
    lane.answer.append(contentsOf: input.prefix(count))
    guard let status = AnswerHead.status(ofWhole: lane.answer) else { return }
    note(status, lane.since)
    free.append(tag)
  }

  private mutating func note(_ status: Int, _ since: Int) {
    latencies.add(nanoseconds: monotonic() - since)
    result.requests += 1
    result.statuses[status, default: 0] += 1
  }

  /// Counts a connection that ended in the middle, and opens another one.
  private mutating func fail(_ tag: Int) throws(MeasureFailure) {
    // An idle one that the server closed had nothing under way.
    if let index = free.firstIndex(of: tag) {
      free.remove(at: index)
    } else {
      result.requests += 1
    }
    try open(tag)
  }
}

/// The little of HTTP that a driver must know.
enum AnswerHead {
  private static let end = Array("\r\n\r\n".utf8)
  private static let length = Array("content-length:".utf8)

  /// The status of an answer, when all of it is there.
  static func status(ofWhole bytes: [UInt8]) -> Int? {
    guard bytes.count > 12, let head = position(of: end, in: bytes[...]), let field = position(of: length, in: bytes[..<head]) else {
      return nil
    }
    let digits = bytes[(field + length.count)...].drop { $0 == UInt8(ascii: " ") }.prefix { $0 >= UInt8(ascii: "0") }
    guard bytes.count - head - end.count >= number(digits) else { return nil }
    return number(bytes[9..<12])
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1 & 15) } }

  /// Where `text`, in lower case, begins.
  private static func position(of text: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= text.count else { return nil }
    return (bytes.startIndex...(bytes.endIndex - text.count)).first { start in
      text.indices.allSatisfy { bytes[start + $0] == text[$0] || bytes[start + $0] | 0x20 == text[$0] }
    }
  }
}
