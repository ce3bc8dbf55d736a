import Deciding
import Foundation
import Testing

@Suite struct MannersTests {
  @Test(arguments: [
    ("stop", OptWords.Meaning.optOut), ("STOP", .optOut), ("  Stop! ", .optOut), ("«stop»", .optOut), ("stop all", .optOut),
    ("PARAR", .optOut),
    ("Baja.", .optOut), ("ARRÊT", .optOut), ("arret", .optOut), ("ｓｔｏｐ", .optOut), ("cancelar  inscricao", .optOut), ("Abmelden", .optOut),
    ("start", .optIn), ("Voltar", .optIn), ("ALTA", .optIn), ("s'abonner", .optIn),
    ("stop it", nil), ("can you stop by tomorrow?", nil), ("", nil), ("!!!", nil), ("cancelar", nil), ("cancel", nil), ("sim", nil),
    ("não pare", nil), (String(repeating: "stop ", count: 50), nil),
  ])
  func `a word stops messages, or asks for them, only when it is all that is said`(text: String, expected: OptWords.Meaning?) {
    #expect(OptWords.standard.reading(of: text)?.meaning == expected)
  }

  @Test func `what confirms a word is in its language`() throws {
    for language in OptWords.Language.standard {
      for word in language.optOut {
        let reading = try #require(OptWords.standard.reading(of: word))
        #expect(reading.meaning == .optOut)
        #expect(reading.confirmation == language.optedOutText, "\(word)")
      }
      for word in language.optIn {
        let reading = try #require(OptWords.standard.reading(of: word))
        #expect(reading.meaning == .optIn)
        #expect(reading.confirmation == language.optedInText, "\(word)")
      }
      // The confirmation names a word that works.
      let named = language.optedOutText.split { !$0.isLetter }.filter { $0.count > 2 && $0 == $0.uppercased() }.map(String.init)
      #expect(named.contains { OptWords.standard.reading(of: $0)?.meaning == .optIn }, "\(language.optedOutText)")
    }
  }

  @Test(arguments: [
    // What it means, opted out, with a person: what becomes of it.
    (nil, false, false, Manners.Decision.collect),
    (nil, true, false, .record),
    (nil, false, true, .record),
    (OptWords.Meaning.optOut, false, false, .optOut),
    (.optOut, false, true, .optOut),
    (.optOut, true, false, .record),
    (.optIn, true, false, .optIn),
    (.optIn, true, true, .optIn),
    (.optIn, false, false, .collect),
    (.optIn, false, true, .record),
  ])
  func `a message is judged by who sent it`(meaning: OptWords.Meaning?, isOptedOut: Bool, isWithHuman: Bool, expected: Manners.Decision) {
    let now = Date(timeIntervalSince1970: 1_790_000_000)
    let manners = Manners(meaning: meaning, saidAt: now, optedOutAt: isOptedOut ? now : nil, isWithHuman: isWithHuman)
    #expect(manners.decision == expected)
  }

  @Test(arguments: [(0.0, Manners.Decision.optIn), (1, .optIn), (-1, .record)])
  func `who has stopped after they came back has stopped, whichever is heard of first`(since: TimeInterval, expected: Manners.Decision) {
    let stopped = Date(timeIntervalSince1970: 1_790_000_000)
    let manners = Manners(meaning: .optIn, saidAt: stopped + since, optedOutAt: stopped, isWithHuman: false)
    #expect(manners.decision == expected)
  }

  // MARK: Office hours

  private static func time(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

  @Test(arguments: [
    // 2026-11-27 is a Friday; Lisbon has UTC in winter, and an hour more in summer.
    ("Mon-Fri 09:00-18:00 Europe/Lisbon", "2026-11-27T09:00:00Z", nil),
    ("Mon-Fri 09:00-18:00 Europe/Lisbon", "2026-11-27T08:59:59Z", "2026-11-26T18:00:00Z"),
    ("Mon-Fri 09:00-18:00 Europe/Lisbon", "2026-11-27T18:00:00Z", "2026-11-27T18:00:00Z"),
    ("Mon-Fri 09:00-18:00 Europe/Lisbon", "2026-11-29T12:00:00Z", "2026-11-27T18:00:00Z"),
    ("Mon-Fri 09:00-18:00 Europe/Lisbon", "2026-07-03T08:30:00Z", nil),
    ("Mon-Fri 09:00-12:00, Mon-Fri 14:00-18:00, Sat 10:00-13:00 Europe/Lisbon", "2026-11-27T13:00:00Z", "2026-11-27T12:00:00Z"),
    ("Mon-Fri 09:00-12:00, Mon-Fri 14:00-18:00, Sat 10:00-13:00 Europe/Lisbon", "2026-11-28T10:30:00Z", nil),
    ("Fri 22:00-02:00 UTC", "2026-11-28T01:59:00Z", nil),
    ("Fri 22:00-02:00 UTC", "2026-11-28T02:00:00Z", "2026-11-28T02:00:00Z"),
    ("Sat-Mon 00:00-24:00 UTC", "2026-11-28T23:59:59Z", nil),
    ("Sat-Mon 00:00-24:00 UTC", "2026-11-27T12:00:00Z", "2026-11-24T00:00:00Z"),
    ("mon-fri 9:00-18:00 America/Sao_Paulo", "2026-11-27T12:00:00Z", nil),
    // The day on which the clock goes back an hour: nine is still nine.
    ("Sun 09:00-10:00 Europe/Lisbon", "2026-10-25T09:30:00Z", nil),
  ])
  func `an office is open by its own clock`(text: String, at: String, closedSince: String?) throws {
    let state = try OfficeHours(text).state(at: try Self.time(at))
    #expect(state == (try closedSince.map { .closed(since: try Self.time($0)) } ?? .open))
  }

  @Test(arguments: [
    "", "Mon-Fri 09:00-18:00", "Mon-Fri 09:00-18:00 Lisbon", "09:00-18:00 Europe/Lisbon", "Mon-Fri Europe/Lisbon", "Mo 09:00-18:00 UTC",
    "Mon 9-18 UTC", "Mon 09:00-24:01 UTC", "Mon 24:00-25:00 UTC", "Mon 09:60-10:00 UTC", "Mon-Tue-Wed 09:00-10:00 UTC", ", UTC",
  ])
  func `hours that nobody can keep are refused with what is wrong`(text: String) throws {
    let problem = #expect(throws: OfficeHours.Problem.self) { _ = try OfficeHours(text) }
    #expect(problem?.message.contains("Mon-Fri 09:00-18:00") == true)
  }

  // MARK: Turns

  private static let noon = Date(timeIntervalSince1970: 1_790_000_000)

  @Test func `a turn is judged by manners before its window and its credits`() {
    var facts = TurnFacts(isServed: true, hasAgent: true, sentAt: Self.noon, receivedAt: Self.noon, balance: 0, price: 1)
    let (soon, late) = (Self.noon.addingTimeInterval(7200), Self.noon.addingTimeInterval(25 * 3600))
    facts.isNew = true
    #expect(facts.decision(now: soon) == .refuse(.creditsInsufficient))
    facts.mayUseTemplate = true
    #expect(facts.decision(now: late) == .useTemplate)
    facts.office = .closed(isTold: false)
    #expect(facts.decision(now: soon) == .sayAway)
    #expect(facts.decision(now: late) == .useTemplate)
    facts.office = .closed(isTold: true)
    #expect(facts.decision(now: late) == .refuse(.officeClosed))
    (facts.patience.stalePolicy, facts.patience.staleAfter) = (.skip, .seconds(3600))
    #expect(facts.decision(now: soon) == .refuse(.messageStale))
    facts.patience.stalePolicy = .hold
    #expect(facts.decision(now: soon) == .hold(.stale))
    // Released, it has waited only since.
    facts.releasedAt = soon.addingTimeInterval(-3600)
    #expect(facts.decision(now: soon) == .refuse(.officeClosed))
    (facts.patience.mostTurns, facts.turnsLately) = (60, 60)
    #expect(facts.decision(now: soon) == .hold(.loop))
    (facts.patience.mostRepeats, facts.turnsLately) = (5, 59)
    #expect(facts.decision(now: soon) == .refuse(.officeClosed))
    facts.repeatsLately = 5
    #expect(facts.decision(now: soon) == .hold(.loop))
    facts.isNew = false
    #expect(facts.decision(now: soon) == .refuse(.creditsInsufficient))
    facts.isWithHuman = true
    #expect(facts.decision(now: soon) == .refuse(.conversationHuman))
    facts.isOptedOut = true
    #expect(facts.decision(now: soon) == .refuse(.customerOptedOut))
  }

  @Test(arguments: [
    (Speech.confirmation(.optOut), true, TurnFacts.Decision.answer),
    (.confirmation(.optOut), false, .refuse(.customerOptedOut)),
    (.confirmation(.optIn), true, .answer),
    (.confirmation(.optIn), false, .refuse(.windowExpired)),
    (.away, true, .refuse(.conversationHuman)),
    (.template, false, .refuse(.conversationHuman)),
  ])
  func `what the rules say goes to who has stopped messages, within the window`(speech: Speech, isOpen: Bool, expected: TurnFacts.Decision)
  {
    var facts = TurnFacts(isServed: true, hasAgent: false, sentAt: Self.noon, receivedAt: Self.noon, balance: 0, price: 0)
    (facts.speech, facts.isWithHuman) = (speech, true)
    facts.isOptedOut = speech == .confirmation(.optOut)
    #expect(facts.decision(now: Self.noon.addingTimeInterval(isOpen ? 60 : 25 * 3600)) == expected)
  }

  @Test(arguments: [Speech.confirmation(.optIn), .away, .template])
  func `what waited is not said to who has stopped messages since`(speech: Speech) {
    var facts = TurnFacts(isServed: true, hasAgent: true, sentAt: Self.noon, receivedAt: Self.noon, balance: 1, price: 0)
    (facts.speech, facts.mayUseTemplate) = (speech, true)
    #expect(facts.decision(now: Self.noon.addingTimeInterval(60)) == .answer)
    facts.isOptedOut = true
    #expect(facts.decision(now: Self.noon.addingTimeInterval(60)) == .refuse(.customerOptedOut))
  }

  @Test func `nothing is sent in the last half minute of the window`() {
    let facts = TurnFacts(isServed: true, hasAgent: true, sentAt: Self.noon, receivedAt: Self.noon, balance: 1, price: 1)
    #expect(facts.decision(now: Self.noon.addingTimeInterval(24 * 3600 - 31)) == .answer)
    #expect(facts.decision(now: Self.noon.addingTimeInterval(24 * 3600 - 30)) == .refuse(.windowExpired))
  }
}
