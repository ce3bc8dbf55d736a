import Logging

/// What was logged through its logger.
struct LogLines: Sendable {
  struct Line: Sendable, CustomStringConvertible {
    let level: Logger.Level
    let message: String
    let metadata: [String: String]

    var description: String { "\(level) \(message) \(metadata)" }
  }

  private struct Handler: LogHandler {
    let lines: AsyncStream<Line>.Continuation
    var logLevel: Logger.Level = .trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let all = metadata.merging(event.metadata ?? [:]) { $1 }
      lines.yield(Line(level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" }))
    }
  }

  let logger: Logger
  private let stream: AsyncStream<Line>
  private let continuation: AsyncStream<Line>.Continuation

  init() {
    // Unbounded: a test logs a few lines.
    let (stream, continuation) = AsyncStream<Line>.makeStream()
    (self.stream, self.continuation) = (stream, continuation)
    logger = Logger(label: "test") { _ in Handler(lines: continuation) }
  }

  /// All lines until now; later ones are lost.
  func all() async -> [Line] {
    continuation.finish()
    var lines: [Line] = []
    for await line in stream { lines.append(line) }
    return lines
  }
}
