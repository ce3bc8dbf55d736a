internal import Serving

extension ClosedRange<Duration> {
  /// What a time within it is, with some that are: `a time from 1m to 30d, such as 10m, 24h or 30d`.
  var form: String {
    let fitting = ["500ms", "2s", "10m", "24h", "7d", "30d", "400d"].filter { text in Duration(text: text).map { contains($0) } ?? false }
    let listed = fitting.dropLast().joined(separator: ", ")
    return
      "a time from \(lowerBound.text) to \(upperBound.text), such as \(listed)\(listed.isEmpty ? "" : " or ")\(fitting.last ?? upperBound.text)"
  }
}
