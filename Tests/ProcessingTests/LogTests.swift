import Foundation
import InMemoryLogging
import Logging
import NIOConcurrencyHelpers
import Recording
import Replying
import Sending
import Spooling
import Testing

@testable import Processing

@Suite struct LogTests {
  @Test func `log lines carry the correlation id and nothing of what was said by whom`() async throws {
    try await withInstallation { place in
      let handler = InMemoryLogHandler()
      var logger = Logger(label: "test", factory: { _ in handler })
      logger.logLevel = .trace
      try place.drop(Payload.text("wamid.1", "segredo-do-cliente"), as: "a.json")
      try place.drop(Payload.text("wamid.2", "segredo-do-cliente", from: Payload.rui), as: "b.json")
      try place.drop(Payload.text("wamid.3", "segredo-do-cliente", from: "15550100199", to: "100000000000009"), as: "c.json")
      try place.drop("{", as: "d.json")
      try place.drop(Payload.text("wamid.5", "segredo-do-cliente", from: "15550100155"), as: "e.json")
      let asked = NIOLockedValueBox(0)
      let refusal = SendOutcome.refused(SendRefusal(code: 131_026, status: 400, details: "Message undeliverable"))
      let processor = place.processor(
        responder: place.platform.responder { inquiry in
          asked.withLockedValue { asked in
            asked += 1
            return asked
          } == 1 ? .failure(.scriptBroken(path: "s.yaml", problem: "It is empty.")) : .success("resposta-secreta")
        },
        sender: place.platform.sender(first: refusal),
        logger: logger
      )
      _ = try await processor.runOnce()
      for send in place.platform.sent {
        try place.drop(Payload.status("delivered", of: send.callbackData), as: "s-\(send.callbackData).json")
      }
      _ = try await place.processor(logger: logger).runOnce()

      let entries = handler.entries
      let lines = entries.map { "\($0.level) \($0.message) \($0.metadata)" }
      for secret in ["segredo", "resposta", Payload.ana, Payload.rui, "15550100199", "15550100155", Installation.token, "Balcão", "Ana"] {
        #expect(lines.filter { $0.contains(secret) } == [])
      }
      let correlationIDs = Set(try await place.rows("SELECT correlation_id FROM payload").map { $0.text("correlation_id") })
      for message in ["payload recorded", "payload filed", "turn answered", "turn put down", "send answered", "no reply"] {
        let matching = entries.filter { "\($0.message)" == message }
        #expect(!matching.isEmpty, "no line says: \(message)")
        for entry in matching {
          #expect(correlationIDs.contains(entry.metadata["correlation_id"].map { "\($0)" } ?? "none"))
        }
      }
      // Each file has its line of recording and of filing.
      #expect(
        Set(entries.filter { "\($0.message)" == "payload filed" }.map { "\($0.metadata["correlation_id"] ?? "none")" }) == correlationIDs
      )
    }
  }
}
