import Foundation
import Recording
import Sending
import Spooling
import Testing

@testable import Processing

/// The platform took a reply, and says later that it could not be delivered.
@Suite struct `A late failure` {
  @Test func `gives the credit back and tells the user the platform's reason`() async throws {
    try await withInstallation { place in
      try place.drop(Payload.text("wamid.1"), as: "x.json")
      try await place.run()
      let send = try #require(place.platform.sent.first?.callbackData)
      try place.drop(Payload.status("failed", of: send), as: "s.json")
      try await place.run()
      #expect(try await place.balance() == 10)
      let account = place.account
      let page = try await place.ledger.read { transaction throws(LedgerError) in
        try transaction.messageList.page(of: account, status: .failed, before: nil, limit: 5, showsUnverified: false)
      }
      let message = try #require(page.messages.first)
      #expect(message.direction == .outbound)
      #expect(message.reason?.code == "send.undeliverable")
      #expect(message.reason?.message.contains("131026") == true, "\(String(describing: message.reason))")
      #expect(message.reason?.message.contains("Message undeliverable") == true)
      #expect(message.cost == 0)
    }
  }

  @Test func `of a payload that names no number says that it names none`() async throws {
    try await withInstallation { place in
      try await place.sql("UPDATE channel SET platform = 'messenger'")
      let sample =
        #"{"object":"whatsapp_business_account","entry":[{"changes":[{"value":{"messages":[{"from":"1","text":{"body":"Hi"}}]}}]}]}"#
      try place.drop(sample, as: "x.json")
      try await place.run()
      let reason = try #require(try place.reason(of: "x.json"))
      #expect(reason.reason == "channel.unknown")
      #expect(reason.message.contains("does not say which number"), "\(reason.message)")
    }
  }
}
