import Testing

@testable import Parsing

@Suite struct `A spoilt payload` {
  /// Parts of a payload, so that one of them can be spoilt and the others known to be whole.
  private static let messages = [
    text("m0"), text("m1", #","context":{"id":"x","from":"y"}"#),
    #"{"from":"2","id":"m2","timestamp":"3","type":"image","image":{"id":"8"}}"#,
    #"{"from_user_id":"US.9","id":"m3","timestamp":4,"type":"button","button":{"text":"Sim","payload":"P"}}"#,
  ]
  private static let statuses = [
    #"{"id":"s0","status":"sent","timestamp":"5","recipient_id":"6","pricing":{"billable":false}}"#,
    #"{"id":"s1","status":"failed","timestamp":"7","errors":[{"code":1,"error_data":{"details":"d"}}]}"#,
  ]

  private func events(_ parts: [String]) throws -> [Event] {
    let value =
      #""metadata":{"phone_number_id":"1"},"messages":[\#(parts.prefix(4).joined(separator: ","))],"statuses":[\#(parts.dropFirst(4).joined(separator: ","))]"#
    return try parse(payload(value: value)).events
  }

  @Test func `keeps every sibling of the spoilt element`() throws {
    let parts = Self.messages + Self.statuses
    let whole = try events(parts)
    #expect(whole.count == parts.count)
    var generator = SeededGenerator(seed: 1)
    for round in 0..<6000 {
      let spoilt = Int.random(in: parts.indices, using: &generator)
      var value = try JSONReader.read(Array(parts[spoilt].utf8)).value
      value.mutate(Int.random(in: 0..<value.size, using: &generator), using: &generator)
      var mutated = parts
      mutated[spoilt] = value.text()
      let events = try events(mutated)
      guard events.count == whole.count else {
        Issue.record("round \(round): \(events.count) events of \(mutated[spoilt])")
        continue
      }
      for index in whole.indices where index != spoilt && events[index] != whole[index] {
        Issue.record("round \(round): \(mutated[spoilt]) changed \(whole[index].place)")
      }
    }
  }

  @Test func `with any value spoilt is read or refused, and shown`() throws {
    let fixtures = try Fixture.all().compactMap { fixture in
      // The cut-off one has no values to spoil.
      try? JSONReader.read(fixture.bytes()).value
    }
    #expect(fixtures.count >= 15)
    var generator = SeededGenerator(seed: 2)
    var refused = 0
    for _ in 0..<8000 {
      var value = try #require(fixtures.randomElement(using: &generator))
      value.mutate(Int.random(in: 0..<value.size, using: &generator), using: &generator)
      do {
        let payload = try ParsedPayload(bytes: Array(value.text().utf8))
        for event in payload.events where event.sentence.isEmpty || event.kind.count > 100 { Issue.record("\(event)") }
      } catch {
        refused += 1
      }
    }
    // Only a spoilt top or `object` refuses the whole.
    #expect((1..<1500).contains(refused), "\(refused)")
  }

  @Test func `with any byte spoilt is read or refused`() throws {
    let bytes = try Fixture.named("one-bad-element").bytes() + Fixture.named("status-failed").bytes()
    let split = try Fixture.named("one-bad-element").bytes().count
    var generator = SeededGenerator(seed: 3)
    var outcomes = (read: 0, refused: 0)
    for _ in 0..<6000 {
      var mutant = Array(Bool.random(using: &generator) ? bytes[..<split] : bytes[split...])
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
