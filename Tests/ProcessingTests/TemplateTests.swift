import Foundation
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

/// A reply of two parts of which nothing has arrived and whose window has closed since: the template takes its place.
@Suite struct `A template in the place of a reply of two parts` {
  private static let template = #"{"name":"retomar","language":"pt_PT","parameters":[],"isMarketing":true}"#
  private static let parts = ["a", "b"].map { String(repeating: $0, count: 3000) }

  /// An installation whose agent has a template at a price of 3 and replies in two parts, of which the platform says what `sender` says.
  private func withParts(
    _ sender: SendOutcome..., body: (Installation, _ run: (SendOutcome?) async throws -> Void) async throws -> Void
  ) async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE agent SET template = '\(Self.template)', template_price = 3")
      let reply = place.platform.responder { _ in .success(Self.parts.joined(separator: "\n\n")) }
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run(
        responder: reply,
        sender: place.platform.sender { message, count in
          count <= sender.count ? sender[count - 1] : .accepted(providerID: "wamid." + message.callbackData)
        })
      #expect(place.platform.texts == Self.parts)
      try await body(place) { outcome in
        try await place.run(
          responder: reply,
          sender: place.platform.sender { message, _ in outcome ?? .accepted(providerID: "wamid." + message.callbackData) })
      }
    }
  }

  private func fail(_ code: Int, ofSend number: Int, in place: Installation) throws {
    try place.drop(Payload.failure(code, of: place.platform.sent[number].callbackData), as: "f\(number).json")
  }

  private func closeWindow(_ place: Installation) async throws {
    try await place.sql("UPDATE message SET sent_at = sent_at - 90000000")
  }

  @Test(arguments: [131_057, 131_047], [false, true])
  func `leaves once and is charged once, whatever both parts have failed of`(code: Int, areApart: Bool) async throws {
    try await withParts { place, run in
      for number in 0...1 {
        try fail(code, ofSend: number, in: place)
        if areApart { try await run(nil) }
      }
      if !areApart { try await run(nil) }
      #expect(try await place.balance() == 10)
      try await closeWindow(place)
      // The one waits to be sent once more, the other has failed and is run again by hand.
      if code == 131_047 { #expect(try await ReplayTests.putBack("x.json", by: .replay, in: place)?.outcome == .sent) }
      for _ in 0...1 {
        try await place.makeDue()
        try await run(nil)
      }
      #expect(place.platform.sent.dropFirst(2).map(\.template?.name) == ["retomar"])
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 7)
      #expect(try place.path(of: "x.json").contains("/done/"))
    }
  }

  @Test(arguments: [false, true]) func `is settled by its own word alone when one part was never taken`(isUnknown: Bool) async throws {
    let refusal = SendOutcome.refused(SendRefusal(code: 131_047, status: 400))
    try await withParts(.accepted(providerID: "wamid.first"), refusal) { place, run in
      try fail(131_026, ofSend: 0, in: place)
      try await run(nil)
      #expect(try await place.balance() == 10)
      try await closeWindow(place)
      _ = try await ReplayTests.putBack("x.json", by: .replay, in: place)
      try await run(isUnknown ? .unknown(detail: "time-out") : nil)
      #expect(place.platform.sent.dropFirst(2).map(\.template?.name) == ["retomar"])
      if isUnknown {
        #expect(try await place.turns() == ["unconfirmed send.unknown"])
        try place.drop(Payload.status("delivered", of: place.platform.sent[2].callbackData), as: "s.json")
        try await run(nil)
      }
      #expect(try await place.turns() == ["settled"])
      #expect(try await place.balance() == 7)
    }
  }
}
