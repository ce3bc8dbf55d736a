import Deciding
import Foundation
import Testing

private let noon = Date(timeIntervalSince1970: 1_790_000_000)

/// Both clocks so many seconds after a start at noon.
private func reading(_ wall: Double, _ uptime: Double) -> ClockTrust.Reading {
  ClockTrust.Reading(wall: noon.addingTimeInterval(wall), uptime: .seconds(1_000_000 + uptime))
}

@Suite struct `A wall clock` {
  @Test(arguments: [
    (0.0, 0.0, nil as Double?), (86_400, 86_400, nil), (86_700, 86_400, nil), (86_100, 86_400, nil), (90_000, 86_400, 86_400),
    (86_701, 86_400, 86_400), (86_099, 86_400, 86_400), (-86_400, 60, 60),
  ])
  func `is believed while it goes as a clock does that nobody sets`(wall: Double, uptime: Double, otherwise: Double?) {
    let present = ClockTrust(reading(0, 0)).present(at: reading(wall, uptime))
    #expect(present == Present(noon.addingTimeInterval(wall), or: otherwise.map { noon.addingTimeInterval($0) }))
  }

  @Test(arguments: [3600.0, -3600]) func `that was set is believed when the platform's agrees`(step: Double) {
    var trust = ClockTrust(reading(0, 0))
    trust.hear(noon.addingTimeInterval(step + 60 - 299), at: reading(step + 60, 60))
    #expect(trust.present(at: reading(step + 120, 120)).otherwise == nil)
    // Set back to what it was before, it is wrong.
    #expect(trust.present(at: reading(180, 180)) == Present(noon.addingTimeInterval(180), or: noon.addingTimeInterval(step + 180)))
  }

  @Test func `that was set is not believed when the platform's does not agree, until it is set right`() {
    var trust = ClockTrust(reading(0, 0))
    trust.hear(noon.addingTimeInterval(60), at: reading(3660, 60))
    #expect(trust.present(at: reading(3660, 60)).otherwise == noon.addingTimeInterval(60))
    #expect(trust.deviation(at: reading(3660, 60)) == .seconds(3600))
    #expect(trust.present(at: reading(120, 120)).otherwise == nil)
  }

  @Test func `is not disbelieved for what the platform's says alone`() {
    var trust = ClockTrust(reading(0, 0))
    trust.hear(noon.addingTimeInterval(86_400), at: reading(60, 60))
    #expect(trust.present(at: reading(60, 60)).otherwise == nil)
  }

  @Test(arguments: [
    (1.0, 2.0 as Double?, 1, TurnFacts.Decision?.some(.answer)), (25.0, nil, 1, .refuse(.windowExpired)), (25.0, 1.0, 1, nil),
    (1.0, 25.0, 1, nil), (25.0, 26.0, 1, nil), (1.0, 2.0, 0, .refuse(.creditsInsufficient)), (25.0, 1.0, 0, nil),
  ])
  func `that cannot be believed refuses nobody for the age of a message`(
    hours: Double, otherwise: Double?, balance: Int, expected: TurnFacts.Decision?
  ) {
    let facts = TurnFacts(isServed: true, hasAgent: true, sentAt: noon, receivedAt: noon, balance: balance, price: 1)
    let present = Present(noon.addingTimeInterval(hours * 3600), or: otherwise.map { noon.addingTimeInterval($0 * 3600) })
    #expect(present.decision(on: facts) == expected)
  }
}
