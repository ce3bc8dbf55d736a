import Foundation
import Recording
import Testing

@testable import Serving

@Suite struct `A user's conversations` {
  @Test func `are listed, handed to a person for a time, and given back`() async throws {
    try await withFront { front in
      let user = try await front.makeUser(credits: 10)
      let talk = try await Talk(front, user)
      try await talk.exchange("Hi", reply: ["Hello"], .sent, phone: "15550100")
      try await talk.exchange("Olá", reply: ["Bom dia"], .sent, phone: "15550101", at: start.addingTimeInterval(1))
      let listed = try await front.get("conversations", of: user)
      #expect(listed.status == 200)
      let ids = listed.text.components(separatedBy: #"{"conversation_id":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
      try #require(ids.count == 2)
      #expect(listed.text.components(separatedBy: #""state":"open""#).count == 3, "\(listed.text)")
      #expect(listed.text.contains(#""phone":"15550100""#) && listed.text.contains(#""human_until":null"#))

      let handed = try await front.post("conversations/\(ids[0])/hand_off", of: user, "{}")
      #expect(handed.status == 200)
      #expect(
        handed.text.contains(#""state":"human""#) && handed.text.contains(#""human_until":"2026-09-22T02:13:20.000Z""#), "\(handed.text)")
      // A time before the one that is set changes nothing; a later one does.
      let short = try await front.post("conversations/\(ids[0])/hand_off", of: user, #"{"for":"2h"}"#)
      #expect(short.text.contains(#""human_until":"2026-09-22T02:13:20.000Z""#))
      let long = try await front.post("conversations/\(ids[0])/hand_off", of: user, #"{"for":"24h"}"#)
      #expect(long.text.contains(#""human_until":"2026-09-22T14:13:20.000Z""#))
      #expect(try await front.get("conversations?limit=1", of: user).text.contains("next_cursor\":\""))

      let resumed = try await front.post("conversations/\(ids[0])/resume", of: user, "{}")
      #expect(resumed.status == 200 && resumed.text.contains(#""state":"open""#), "\(resumed.text)")

      // By the id of one that has joined another, that one is meant.
      try await front.ledger.transaction { transaction throws(LedgerError) in
        _ = try transaction.execute(
          "UPDATE conversation SET joins_id = '\(ids[0])', is_joined = 1, due_at = NULL WHERE id = '\(ids[1])'", [])
      }
      for (action, state) in [("hand_off", "human"), ("resume", "open")] {
        let changed = try await front.post("conversations/\(ids[1])/\(action)", of: user, "{}").text
        #expect(changed.contains(#""conversation_id":"\#(ids[0])""#) && changed.contains(#""state":"\#(state)""#), "\(changed)")
      }
    }
  }

  @Test func `are nobody else's`() async throws {
    try await withFront { front in
      let (user, other) = (try await front.makeUser(credits: 10), try await front.makeUser())
      let talk = try await Talk(front, user)
      try await talk.exchange("Hi", reply: ["Hello"], .sent)
      let listed = try await front.get("conversations", of: user).text
      let id = String(listed.components(separatedBy: #"{"conversation_id":""#).last?.prefix { $0 != "\"" } ?? "")
      #expect(try await front.get("conversations", of: other).text.hasPrefix(#"{"data":[],"#))
      for action in ["hand_off", "resume"] {
        for path in [id, "conv_x"] {
          let answer = try await front.post("conversations/\(path)/\(action)", of: other, "{}")
          #expect(answer.status == 404 && answer.code == "conversation.unknown", "\(answer.text)")
        }
      }
      let wrong = try await front.post("conversations/\(id)/hand_off", of: user, #"{"for":"soon"}"#)
      #expect(wrong.status == 400 && wrong.code == "request.field_wrong", "\(wrong.text)")
      #expect(try await front.get("conversations", of: user).text.contains(#""state":"open""#))
    }
  }
}
