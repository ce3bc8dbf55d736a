internal import Foundation

/// What a driver asks of a server, as it is handed to the driver's process.
struct Load: Codable, Sendable {
  var port: Int
  var connections: Int
  /// The most requests; nil goes by time alone.
  var requests: Int?
  /// The longest time; nil goes by number alone.
  var seconds: Double?
  /// Requests a second, at even distances, whether answers come or not; nil lets each connection ask again when it is answered.
  var rate: Double?
  /// Of each body.
  var bytes = 1024
  /// The texts of one run differ from those of another.
  var run = 0

  /// What all measured servers have for an app secret.
  static let secret = "a secret for measuring only"
}

/// What came of it.
struct LoadResult: Codable, Sendable {
  /// Those, too, whose connection ended before their answer.
  var requests = 0
  var seconds = 0.0
  /// How many answers of each status.
  var statuses: [Int: Int] = [:]
  /// In milliseconds; from the moment at which a request was due when there is a rate, so that a stalled server cannot hide who had to wait.
  var p50 = 0.0
  var p99 = 0.0
  var p999 = 0.0

  var rate: Double { seconds > 0 ? Double(requests) / seconds : 0 }
  var kept: Int { statuses[200] ?? 0 }
  var refused: Int { statuses[503] ?? 0 }
  /// Neither taken nor told to come again.
  var failed: Int { requests - kept - refused }
}

/// Latencies of one run, in microseconds.
struct Latencies {
  private var all: [UInt32] = []

  mutating func add(nanoseconds: Int) { all.append(UInt32(clamping: nanoseconds / 1000)) }

  /// In milliseconds, by nearest rank; 0 when there are none.
  func percentiles(_ shares: [Double]) -> [Double] {
    let sorted = all.sorted()
    return shares.map { share in
      guard let last = sorted.indices.last else { return 0 }
      return Double(sorted[min(last, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]) / 1000
    }
  }
}
