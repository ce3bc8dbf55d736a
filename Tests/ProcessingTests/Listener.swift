import NIOConcurrencyHelpers
import Processing
import Recording

/// Writes down which alerts it is told of.
final class Listener: Herald {
  private let heard = NIOLockedValueBox<[String]>([])

  /// As `raised KIND` and `resolved KIND`.
  var words: [String] { heard.withLockedValue { $0 } }

  func tell(_ alert: Alert, isResolved: Bool) async {
    heard.withLockedValue { $0.append("\(isResolved ? "resolved" : "raised") \(alert.kind)") }
  }
}
