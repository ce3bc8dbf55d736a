import Logging

/// Keeps every log line of a test, debug ones included.
struct LogTape: Sendable {
  private let lines: AsyncStream<String>
  private let end: AsyncStream<String>.Continuation

  init() { (lines, end) = AsyncStream<String>.makeStream() }

  var logger: Logger {
    Logger(label: "test") { [end] _ in Handler(end: end) }
  }

  /// All lines so far, as `level message key=value …`; to be asked once, at the end.
  func read() async -> [String] {
    end.finish()
    return await lines.reduce(into: []) { $0.append($1) }
  }

  private struct Handler: LogHandler {
    let end: AsyncStream<String>.Continuation
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let all = metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted { $0.key < $1.key }
      end.yield("\(event.level) \(event.message)" + all.map { " \($0.key)=\($0.value)" }.joined())
    }
  }
}
