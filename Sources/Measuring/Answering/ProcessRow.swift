internal import Foundation

/// One line of the table: what came of one spool and one pair of stand-ins.
struct ProcessRow: Codable {
  var name: String
  var messages: Int
  /// Until the last file was filed, statuses included.
  var perSecond: Double
  var repliesPerSecond: Double
  /// More than one where messages came faster than they were answered: a burst has one reply.
  var messagesPerReply: Double
  /// Replyd's own time from a message's drop to the first byte of its send, in milliseconds; nil where none was dropped meanwhile.
  var p50: Double?
  var p99: Double?
  /// Of replyd alone, in microseconds a message.
  var cpuMicros: Double
  /// Each is one sync; SQLite's own writing back of its log comes to one or two in a thousand pages more.
  var commitsPerMessage: Double?
  var statementsPerMessage: Double?
  /// At the most.
  var residentMB: Double
  /// The most turns under way at one moment: the model was asked, and nothing is sent yet.
  var mostUnderWay: Int

  static let heading = [
    "what", "messages", "msg/s", "replies/s", "msg/reply", "own p50 ms", "p99 ms", "CPU us", "commits", "statements", "RSS MB", "under way",
  ]

  /// What the rows are, for who reads the table.
  static let legend = """
    own: from a message's drop to the first byte of its send, less what the model took.
    under way: the most turns at one moment for which the model was asked and nothing was sent yet.
    one at a time: each customer's first message, dropped 50 ms after the send before, when nothing else is under way.
    each writes again when answered: 1,000 customers, each with one message under way. The next is dropped the moment the send of the reply
      comes in, before replyd knows that it arrived, so it waits in deferred/ until the turn before has ended. This is what goes through at
      most: "own" is there the wait behind the other 999 (1,000 / msg/s), not what a message takes.
    all wait at the beginning: 1,000 customers, each with messages / 1,000 files, of which one turn answers all that are recorded when it begins.
    """

  var cells: [String] {
    [
      name, "\(messages)", number(perSecond, 0), number(repliesPerSecond, 0), number(messagesPerReply, 2), number(p50, 2), number(p99, 2),
      number(cpuMicros, 0), number(commitsPerMessage, 3), number(statementsPerMessage, 1), number(residentMB, 1), "\(mostUnderWay)",
    ]
  }
}

/// One line of the second table: a replyd that has nothing to do.
struct RestRow: Codable {
  var name: String
  /// From its beginning until it works, in milliseconds.
  var readyMilliseconds: Double
  var residentMB: Double
  var wakeupsPerSecond: Double
  /// In the middle one of the seconds, in which it does not look for what nobody told it of: timers alone.
  var wakeupsOfTimers: Double

  static let heading = ["idle", "ready ms", "RSS MB", "wake-ups/s", "of timers"]

  var cells: [String] {
    [name, number(readyMilliseconds, 0), number(residentMB, 1), number(wakeupsPerSecond, 2), number(wakeupsOfTimers, 0)]
  }
}
