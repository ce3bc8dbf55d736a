/// What becomes, or would become, of one file that is to be run again.
package struct ReplayedFile: Hashable, Sendable {
  package enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// A reply is due: it is asked for, or sent as it was kept.
    case sent
    /// It runs, and nothing in it asks for a reply.
    case recorded
    /// There is nothing to do: answered, recorded, or on its way.
    case skipped
    /// It would end as it did, or would do harm: it is left as it is.
    case refused
  }

  /// One message of it, or the whole of what cannot be read.
  package struct Part: Hashable, Sendable {
    /// `entry[0].changes[0].value.messages[0]`; empty for the file as a whole.
    package let place: String
    package let outcome: Outcome
    /// Why it is skipped or refused; nil for what runs.
    package let reason: String?
    /// How many replies it is the first to ask for: none where it goes along with another message's.
    package let replies: Int
    /// Credits that they reserve.
    package let price: Int

    init(_ place: String, _ outcome: Outcome, _ reason: String? = nil, replies: Int = 0, price: Int = 0) {
      (self.place, self.outcome, self.reason, self.replies, self.price) = (place, outcome, reason, replies, price)
    }
  }

  /// Where it lies, or lay: its path.
  package let path: String
  package let parts: [Part]
  /// Its name in incoming/, where it was put; nil in a dry run, and where it stays.
  package internal(set) var name: String?
  /// Files that were not asked for and run along with it, since one reply answers both.
  package let along: [String]

  package var outcome: Outcome {
    let outcomes = Set(parts.map(\.outcome))
    return [.sent, .recorded, .refused].first(where: outcomes.contains) ?? .skipped
  }

  package var charged: Int { parts.reduce(0) { $0 + $1.price } }
  package var replies: Int { parts.reduce(0) { $0 + $1.replies } }

  /// Why it is skipped or refused, or the first of its messages that is; nil when it runs.
  package var reason: String? { parts.first { $0.outcome == outcome }?.reason }

  init(_ path: String, _ parts: [Part], along: [String] = []) {
    (self.path, self.parts, self.along) = (path, parts, along)
  }

  /// A file about which one thing can be said as a whole.
  init(_ path: String, _ outcome: Outcome, _ reason: String? = nil) {
    self.init(path, [Part("", outcome, reason)])
  }
}

extension ReplayedFile {
  /// One whose lines will be payloads.
  package init(bulkFile path: String) {
    self.init(path, .recorded)
  }
}
