internal import Parsing

/// How much of its calls an account has used up, as an answer of Graph tells; kept from where it begins to matter.
///
/// Source: Graph's page on rate limiting: percentages, of which the highest counts; the time to wait is in minutes.
package struct Usage: Hashable, Sendable {
  /// 80 or more; from 100 on all is refused.
  package let percent: Int
  /// How long until something may be sent again; nil while it may.
  package let regain: Duration?

  package init(percent: Int, regain: Duration? = nil) {
    (self.percent, self.regain) = (percent, regain)
  }

  /// Nil when the headers tell of less than 80 %, or of nothing.
  init?(_ header: (String) -> String?) {
    var (percent, minutes) = (0, 0)
    func read(_ fields: JSON) {
      for name in ["call_count", "total_cputime", "total_time"] { percent = max(percent, fields[name]?.intValue ?? 0) }
      minutes = max(minutes, fields["estimated_time_to_regain_access"]?.intValue ?? 0)
    }
    if let text = header("X-Business-Use-Case-Usage"), let uses = JSON(reading: Array(text.utf8))?.objectValue {
      for member in uses.members { for use in member.value.arrayValue ?? [] { read(use) } }
    }
    if let text = header("X-App-Usage"), let use = JSON(reading: Array(text.utf8)) { read(use) }
    guard percent >= 80 || minutes > 0 else { return nil }
    // A day is more than anybody is shut out for.
    self.init(percent: max(80, percent), regain: minutes > 0 ? .seconds(60 * min(minutes, 1440)) : nil)
  }
}
