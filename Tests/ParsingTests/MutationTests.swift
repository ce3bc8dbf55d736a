import Foundation
import Testing

@testable import Parsing

@Suite struct `A spoilt payload` {
  /// How many mutants all seeds make together; a release run sets REPLYD_MUTANTS to many more.
  private static let mutants = ProcessInfo.processInfo.environment["REPLYD_MUTANTS"].flatMap { Int($0) } ?? 8000
  private static let seeds: [UInt64] = [1, 2, 3, 4]

  /// What the mutants of one seed came to.
  private struct Count {
    var mutants = 0
    var refused = 0
    var faults = 0
    var siblings = 0
    var acts: [String: Int] = [:]
  }

  /// A fixture that is JSON, with its events.
  private struct Sample {
    let name: String
    let document: JSON
    let events: [Event]

    init?(_ name: String, _ document: JSON) {
      guard let payload = try? ParsedPayload(bytes: Array(document.text().utf8)) else { return nil }
      (self.name, self.document, events) = (name, document, payload.events)
    }

    /// All fixtures, each with the entries of another one of the same product behind its own: so that each has siblings.
    static func all() throws -> [Sample] {
      let documents = try Fixture.all().compactMap { fixture in
        // What is no JSON has no values to spoil.
        (try? JSONReader.read(fixture.bytes()).value).map { (name: fixture.name, document: $0) }
      }
      return documents.enumerated().compactMap { index, own in
        let siblings = documents.filter { $0.document["object"] == own.document["object"] }
        let other = siblings[(index * 7 + 3) % siblings.count]
        var document = own.document
        if case .object(var object) = document,
          let more = other.document["entry"]?.arrayValue,
          let place = object.members.firstIndex(where: { $0.key == "entry" }), case .array(let entries) = object.members[place].value
        {
          object.members[place].value = .array(entries + more)
          document = .object(object)
        }
        return Sample("\(own.name) and \(other.name)", document)
      }
    }
  }

  @Test(arguments: seeds)
  func `keeps every sibling of what was spoilt`(seed: UInt64) throws {
    let samples = try Sample.all()
    #expect(samples.count >= 150)
    var generator = SeededGenerator(seed: seed)
    var count = Count()
    for round in 0..<Self.mutants / Self.seeds.count {
      let sample = samples[round % samples.count]
      var document = sample.document
      var mutation = document.mutate(Int.random(in: 0..<document.size, using: &generator), using: &generator)
      if case .array = sample.document { mutation.path.removeFirst(min(mutation.path.count, "[0]".count)) }
      mutation.path = String(mutation.path.drop { $0 == "." })
      count.mutants += 1
      count.acts[mutation.act.rawValue, default: 0] += 1
      let events: [Event]
      do {
        events = try ParsedPayload(bytes: Array(document.text().utf8)).events
      } catch {
        count.refused += 1
        continue
      }
      count.faults += events.count { $0.fault != nil }
      for event in events where event.isAnswered {
        let isFine =
          event.kind.hasPrefix("message.") && event.fault == nil && (event.account == nil || event.message?.scopedID != event.account)
        if !isFine { Issue.record("seed \(seed), round \(round), \(sample.name): \(mutation) made \(event.place) want an answer") }
      }
      let found = Dictionary(events.map { ($0.place, $0) }) { first, _ in first }
      for event in sample.events where !mutation.touches(event.place) {
        count.siblings += 1
        let place = mutation.moved(event.place)
        if !event.isSame(as: found[place], hasMoved: place != event.place) {
          Issue.record("seed \(seed), round \(round), \(sample.name): \(mutation) changed \(event.place)")
        }
      }
      // Costs more than all the rest.
      if round % 20 == 0 { checkThatAllIsShown(events, "seed \(seed), round \(round), \(sample.name): \(mutation)") }
    }
    let acts = count.acts.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")
    print(
      "seed \(seed): \(count.mutants) mutants (\(acts)), \(count.refused) refused whole, \(count.faults) faults, \(count.siblings) siblings compared"
    )
    // Only a spoilt top or `object` refuses the whole.
    #expect(count.refused * 3 < count.mutants)
    #expect(count.refused > 0 && count.faults > 0 && count.siblings > count.mutants)
    #expect(count.acts.count == Mutation.Act.allCases.count)
  }

  private func checkThatAllIsShown(_ events: [Event], _ what: String) {
    for event in events {
      #expect(!event.kind.isEmpty && event.kind.count <= 100 && event.notes.count <= 21, "\(what): \(event.place)")
      #expect(!event.sentence.isEmpty && !event.json.text().isEmpty, "\(what): \(event.place)")
    }
  }

  @Test func `with any byte spoilt is read or refused`() throws {
    let payloads = try Fixture.all().map { try $0.bytes() }.filter { $0.count > 100 && $0.count < 5000 }
    var generator = SeededGenerator(seed: 5)
    var outcomes = (read: 0, refused: 0)
    for _ in 0..<max(4000, Self.mutants / 10) {
      var mutant = try #require(payloads.randomElement(using: &generator))
      let index = Int.random(in: mutant.indices, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: mutant.removeSubrange(index...)
      case 1: mutant[index] = UInt8.random(in: 0...255, using: &generator)
      case 2: mutant.remove(at: index)
      default: mutant.insert(contentsOf: mutant[index...].prefix(20), at: index)
      }
      do {
        _ = try ParsedPayload(bytes: mutant)
        outcomes.read += 1
      } catch {
        outcomes.refused += 1
      }
    }
    #expect(outcomes.read > 500 && outcomes.refused > 500, "\(outcomes)")
  }
}

extension Event {
  /// Whether it says the same; a made id changes with the place.
  fileprivate func isSame(as other: Event?, hasMoved: Bool) -> Bool {
    guard let other, kind == other.kind, fault == other.fault, notes == other.notes else { return false }
    guard (platform, account, address) == (other.platform, other.account, other.address), displayAddress == other.displayAddress else {
      return false
    }
    return content == other.content || hasMoved && content.hasMadeID
  }
}

extension Event.Content {
  fileprivate var hasMadeID: Bool {
    switch self {
    case .message(let message), .echo(let message): message.isIDMade
    case .history(let history): history.threads.contains { $0.messages.contains(where: \.isIDMade) }
    case .standby(let inner): inner.hasMadeID
    case .status, .preference, .notice, .error, .unknown: false
    }
  }
}
