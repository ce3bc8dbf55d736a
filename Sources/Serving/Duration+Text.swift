// Times as people write them: in settings, on the command line, in the API.

extension Duration {
  private static let units: [(String, Duration)] = [
    ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)), ("d", .seconds(86_400)),
  ]

  /// Nil unless `text` is a whole number and a unit: ms, s, m, h, d.
  package init?(text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int(digits), count <= 1_000_000_000, let unit = Duration.units.first(where: { $0.0 == text.dropFirst(digits.count) })
    else {
      return nil
    }
    self = unit.1 * count
  }

  /// As `init(text:)` reads it, in the largest unit that fits.
  package var text: String {
    for (name, unit) in Duration.units.reversed() where self >= unit && unit * Int(self / unit) == self {
      return "\(Int(self / unit))\(name)"
    }
    return "0s"
  }
}
