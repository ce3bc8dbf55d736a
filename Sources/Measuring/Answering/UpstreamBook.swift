/// What the stand-ins for OpenAI and Meta are to do, as it is handed to their process.
struct UpstreamPlan: Codable, Sendable {
  /// Message N is written by customer N modulo this.
  var customers: Int
  /// How long the model takes, in seconds.
  var delay = 0.0
  /// How many status payloads come for each message that was sent: none, one, or two.
  var statuses = 0
  /// Where statuses and further messages are dropped.
  var spool: String
  /// Once message N is answered, message N and this is dropped; 0 drops none.
  var follow = 0
  /// The number behind the last message.
  var end = 0
  /// How long the customer thinks before that, in seconds.
  var pause = 0.0
}

/// What the stand-ins have seen, and whether it was right.
struct UpstreamCounts: Codable, Sendable {
  /// Requests for a reply.
  var asked = 0
  /// Replies sent.
  var sent = 0
  /// Messages that those replies answer.
  var answered = 0
  var statuses = 0
  /// The most turns under way at one moment: asked about, and not sent.
  var mostUnderWay = 0
  /// Texts or callback data that came a second time.
  var doubles = 0
  /// Replies to somebody else than who had written.
  var strangers = 0
  /// Requests that made no sense.
  var faults = 0
  /// From a message's drop to the first byte of its send, less what the model took, in milliseconds; 0 where no message was dropped.
  var p50 = 0.0
  var p99 = 0.0

  /// Whether nothing was sent twice, to a stranger, or in a form that nobody understands.
  var isClean: Bool { doubles == 0 && strangers == 0 && faults == 0 }
}

/// Keeps account of requests.
struct UpstreamBook {
  private(set) var counts = UpstreamCounts()
  private let customers: Int
  private var texts: Set<Int> = []
  private var callbacks: Set<[UInt8]> = []
  /// When each message that was dropped here could be seen, moved on by what the model took.
  private var since: [Int: Int] = [:]
  private var own = Latencies()
  /// The first ones find caches cold and connections closed.
  private var unmeasured = 20

  init(customers: Int) { self.customers = customers }

  mutating func dropped(_ number: Int, at time: Int) { since[number] = time }

  mutating func asked() {
    counts.asked += 1
    counts.mostUnderWay = max(counts.mostUnderWay, counts.asked - counts.sent)
  }

  /// A question about this message has been answered after so many nanoseconds.
  mutating func replied(to number: Int, after time: Int) {
    since[number]? += time
  }

  mutating func sent(_ send: UpstreamRequest.Send, at time: Int) {
    counts.sent += 1
    counts.answered += send.count
    // Both are looked up, so that a double in both counts twice.
    let isNew = texts.insert(send.number).inserted
    counts.doubles += isNew ? 0 : 1
    counts.doubles += callbacks.insert(send.callback).inserted ? 0 : 1
    if send.phone != Customer.phone(send.number % customers) { counts.strangers += 1 }
    guard let start = since.removeValue(forKey: send.number) else { return }
    if unmeasured > 0 { unmeasured -= 1 } else { own.add(nanoseconds: time - start) }
  }

  mutating func statusDropped() { counts.statuses += 1 }
  mutating func fault() { counts.faults += 1 }

  /// All of it, with the percentiles up to now.
  var report: UpstreamCounts {
    var report = counts
    let shares = own.percentiles([0.5, 0.99])
    (report.p50, report.p99) = (shares[0], shares[1])
    return report
  }
}
