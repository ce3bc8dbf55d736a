import Foundation
import Recording
import Spooling
import Testing

// What leads to each step, so that a processor comes to it for certain.
extension ProcessRounds {
  /// What is started to come to a step.
  struct Approach {
    var arguments = ["process"]
    /// How often it comes there, at least.
    var passings = 1

    static let once = Approach()
  }

  /// One round: customers write, and whoever comes to that moment dies there by itself.
  mutating func kill(at moment: String) async throws {
    let step = String(moment.split(separator: ".").last ?? "")
    try write(8)
    let approach = try await approach(to: step)
    let words = "\(moment):\(Int.random(in: 1...approach.passings, using: &dice))"
    let child = try start(approach.arguments, dyingAt: words)
    try await bury(child, dyingAt: words)
    mail.release()
  }

  private mutating func approach(to step: String) async throws -> Approach {
    switch step {
    case "claim", "record", "postpone", "note": return .once
    case "generate", "ask", "keep", "mark", "send", "accept", "file": return Approach(passings: 2)
    case "wait": try await arm(graph: [#""times":2,"status":429,"code":130429"#])
    case "refuse": try await arm(graph: [#""times":2,"code":131026"#])
    case "lose": try await arm(graph: [#""times":2,"hang_up":"after""#])
    case "end": try await arm(graph: [#""times":2,"code":131026"#], model: [#""times":2,"status":400"#])
    case "verify", "verified": try await change("UPDATE channel SET verified_at = NULL, verify_after = NULL")
    // Whoever dies there leaves leases, and files in its folder.
    case "free", "reclaim": try await kill(at: "mark")
    case "confirm":
      try await loseAnswer(of: stranger())
      mail.release()
    case "resume":
      try await loseAnswer(of: stranger(parts: 3))
      mail.release()
    case "disconfirm": try await refuseDelivery(of: stranger())
    case "resend": try await failForTheMoment(stranger())
    case "give-up":
      try await loseAnswer(of: stranger(), isSilent: true)
      try await change("UPDATE turn SET due_at = due_at - 60000 WHERE state = 'unconfirmed'")
    case "reopen": return try await beRefused(stranger())
    case "prune", "remove": return try await growOld(stranger())
    case "hold", "park": return Approach(arguments: ["hold", try await beWaiting(stranger())])
    case "unpark", "release":
      let conversation = try await beWaiting(stranger())
      _ = try await place.answer("hold", conversation)
      return Approach(arguments: ["release", conversation])
    default: Issue.record("nothing leads to the step \(step)")
    }
    return .once
  }

  /// Has the answer to a send swallowed after the message was counted, and kills the processor once it is known to be unknown; of what the
  /// platform says of it nothing comes yet.
  private mutating func loseAnswer(of letter: Letter, isSilent: Bool = false) async throws {
    mail.hold()
    try await arm(graph: [#""match":{"to":"\#(letter.customer)"},"times":1,"hang_up":"after","silent":\#(isSilent)"#], isAlone: true)
    let file = try drop([letter])
    let child = try start()
    try await place.until("an unknown send") { child.said.turn(of: file)?.contains("turn.state=unconfirmed") == true }
    try await kill(child)
    try await arm()
  }

  /// The same, and the platform says that it could not deliver.
  private mutating func refuseDelivery(of letter: Letter) async throws {
    try await loseAnswer(of: letter)
    let sent = try #require(try await place.sentMessages().last { $0.to == letter.customer })
    let callbackData = try #require(sent.callbackData)
    story.undelivered.insert(sent.id)
    mail.lose(sent.id)
    try place.spool.put(Letter.failure(of: sent.id, callbackData: callbackData), as: "failed-\(letter.token).json")
    mail.release()
  }

  /// Has a message wait, for its sender is told to come again later; gives its conversation.
  private mutating func beWaiting(_ letter: Letter) async throws -> String {
    try await arm(graph: [#""match":{"to":"\#(letter.customer)"},"times":1,"status":400,"code":131056,"retry_after":600"#], isAlone: true)
    let file = try drop([letter])
    let child = try start()
    try await place.until("a wait") { child.said.turn(of: file)?.contains("turn.state=waiting") == true }
    try await stop(child)
    try await arm()
    let id = letter.id
    return try #require(
      try await place.ledger { transaction throws(LedgerError) in
        try transaction.query("SELECT conversation_id FROM message WHERE provider_id = '\(id)'", []).first?.text("conversation_id")
      })
  }

  /// Has a message answered, and its file lie in a folder of long ago.
  private mutating func growOld(_ letter: Letter) async throws -> Approach {
    try await arm(isAlone: true)
    // What others were told to wait for is over.
    try await change("UPDATE gate SET not_before = 1000 WHERE not_before IS NOT NULL")
    let file = try drop([letter])
    let child = try start()
    try await place.until("an answer") { try place.folder(of: file).last?.hasPrefix("done/") == true }
    try await stop(child)
    try await arm()
    let (answered, day) = (try #require(try place.spool.locate(file).last), place.spool.path + "/done/2020-01-01")
    try FileManager.default.createDirectory(atPath: day, withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: answered.path, toPath: "\(day)/\(answered.id)")
    try await change("UPDATE payload SET filed_as = 'done/2020-01-01/\(answered.id)' WHERE name = '\(answered.id)'")
    return Approach(arguments: ["prune"])
  }

  /// Has a message answered, of which the platform then says that it failed for the moment.
  private mutating func failForTheMoment(_ letter: Letter) async throws {
    mail.hold()
    try await arm(isAlone: true)
    try drop([letter])
    let child = try start()
    try await place.until("the answer") { try await place.sentMessages().contains { $0.to == letter.customer } }
    try await stop(child)
    let sent = try #require(try await place.sentMessages().last { $0.to == letter.customer })
    story.undelivered.insert(sent.id)
    mail.lose(sent.id)
    let failure = Letter.failure(of: sent.id, callbackData: try #require(sent.callbackData), code: 131_016)
    try place.spool.put(failure, as: "moment-\(letter.token).json")
    try await arm()
    mail.release()
  }

  /// Has a message refused by the platform, and says how it is run again: by a command that dies, or by hand.
  private mutating func beRefused(_ letter: Letter) async throws -> Approach {
    try await arm(graph: [#""match":{"to":"\#(letter.customer)"},"times":1,"code":131026"#], isAlone: true)
    let file = try drop([letter])
    let child = try start()
    try await place.until("a refusal") { child.said.turn(of: file)?.contains("reason=send.undeliverable") == true }
    try await stop(child)
    try await arm()
    let failed = try #require(try place.spool.failures().first { "\($0.payload.id)" == file })
    guard Bool.random(using: &dice) else { return Approach(arguments: ["replay", file]) }
    _ = try place.spool.requeue(failed.payload)
    return .once
  }
}

extension String {
  /// The last line of a processor about the turn of a payload that it has recorded.
  fileprivate func turn(of file: String) -> Substring? {
    let lines = split(separator: "\n")
    let recorded = lines.first { $0.contains("payload recorded") && $0.contains("spool.id=\(file)") }
    let id = recorded?.split(separator: " ").first { $0.hasPrefix("correlation_id=") }
    return id.flatMap { id in lines.last { $0.contains("turn put down") && $0.contains(id) } }
  }
}
