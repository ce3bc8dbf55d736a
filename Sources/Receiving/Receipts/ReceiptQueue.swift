import Dispatch
import Foundation
import NIOConcurrencyHelpers

/// The lines that wait to be written, in bounded memory.
final class ReceiptQueue: Sendable {
  /// Lines of one day, in the order in which they came.
  struct Chunk: Sendable {
    let day: ArraySlice<UInt8>
    var bytes: [UInt8] = []
    var lines = 0

    fileprivate mutating func add(_ line: ReceiptLine) {
      bytes += line.bytes
      lines += 1
    }
  }

  private struct State {
    var chunks: [Chunk] = []
    /// Of what waits here, and of what was taken and is not written.
    var bytes = 0
    /// Of which no line tells yet.
    var lost = 0
    var lostInAll = 0
    var tally = ReceiptTally()
    var isClosing = false
    var hasEnded = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  /// The most bytes that wait.
  static let limit = 16 * 1024 * 1024
  /// That many bytes are written at once, without waiting for more.
  static let plenty = 64 * 1024

  private let now: @Sendable () -> Date
  private let state = NIOLockedValueBox(State())
  /// Rung when there is something to do.
  let bell = DispatchSemaphore(value: 0)

  init(now: @escaping @Sendable () -> Date) {
    self.now = now
  }

  // MARK: Those who write

  func put(_ receipt: Receipt) {
    guard !receipt.isRefusal || admits(receipt) else { return }
    let line = receipt.line
    let isNews = state.withLockedValue { state in
      guard !state.isClosing else { return false }
      let before = state.bytes
      Self.add(line, to: &state)
      return state.chunks.count == 1 && state.chunks[0].lines == 1 || before < Self.plenty && state.bytes >= Self.plenty
    }
    if isNews { bell.signal() }
  }

  private func admits(_ receipt: Receipt) -> Bool {
    let date = now()
    let (isOwn, isNews) = state.withLockedValue { state in
      for surplus in state.tally.turn(to: date) { Self.add(surplus.line, to: &state) }
      let hadSurplus = state.tally.hasSurplus
      let isOwn = state.tally.admits(receipt.peer)
      return (isOwn, !hadSurplus && state.tally.hasSurplus)
    }
    if isNews { bell.signal() }
    return isOwn
  }

  private static func add(_ line: ReceiptLine, to state: inout State, limit: Int = limit) {
    guard state.bytes + line.bytes.count <= limit else {
      state.lost += 1
      state.lostInAll += 1
      return
    }
    if state.chunks.last?.day != line.day { state.chunks.append(Chunk(day: line.day)) }
    state.chunks[state.chunks.count - 1].add(line)
    state.bytes += line.bytes.count
  }

  /// Takes no more lines, and lets the thread end.
  func close() {
    state.withLockedValue { $0.isClosing = true }
    bell.signal()
  }

  /// Returns when the thread has ended.
  func ended() async {
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLockedValue { state in
        if !state.hasEnded { state.waiting.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  // MARK: The thread

  var isIdle: Bool {
    state.withLockedValue { $0.chunks.isEmpty && $0.lost == 0 && !$0.tally.hasSurplus && !$0.isClosing }
  }

  var isUrgent: Bool {
    state.withLockedValue { $0.isClosing || $0.bytes >= Self.plenty }
  }

  var isClosing: Bool {
    state.withLockedValue { $0.isClosing }
  }

  /// Takes all that waits, and the refusals of a second that is over; when it closes, those of the one that runs, too.
  func take() -> [Chunk] {
    let date = now()
    return state.withLockedValue { state in
      for surplus in state.isClosing ? state.tally.end() : state.tally.turn(to: date) { Self.add(surplus.line, to: &state) }
      defer { state.chunks = [] }
      return state.chunks
    }
  }

  /// Makes room for as many bytes.
  func wrote(_ bytes: Int) {
    state.withLockedValue { $0.bytes -= bytes }
  }

  /// Adds a line that says how many were lost, and tells the number, when any were.
  func tellLost() -> Int {
    let date = now()
    return state.withLockedValue { state in
      let lost = state.lost
      guard lost > 0 else { return 0 }
      var line = ReceiptLine(at: date)
      line.add("verdict", text: "lost")
      line.add("count", number: lost)
      line.end()
      state.lost = 0
      Self.add(line, to: &state, limit: .max)
      return lost
    }
  }

  /// So many that were taken will never be written.
  func lose(_ lines: Int) { state.withLockedValue { $0.lostInAll += lines } }

  var lostInAll: Int { state.withLockedValue { $0.lostInAll } }

  func end() {
    let waiting = state.withLockedValue { state in
      state.hasEnded = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
