internal import Foundation
internal import Spooling
internal import Transferring

/// Talks to the sandbox as a customer would: a payload in, the reply read from the stand-in's list.
struct SandboxTalk: Sendable {
  let spool: Spool
  let state: SandboxState
  let transferrer: Transferrer

  private struct Sent: Decodable {
    struct Message: Decodable {
      let text: String
    }

    let data: [Message]
  }

  /// Drops a text message into incoming/.
  func drop(_ text: String, from customer: String) throws(CommandFailure) -> PayloadID {
    let now = Date()
    let payload: [String: Any] = [
      "object": "whatsapp_business_account",
      "entry": [
        [
          "id": "100000000000000",
          "changes": [
            [
              "field": "messages",
              "value": [
                "messaging_product": "whatsapp",
                "metadata": ["display_phone_number": "15550100100", "phone_number_id": SandboxState.number],
                "contacts": [["profile": ["name": "Sandbox Customer"], "wa_id": customer]],
                "messages": [
                  [
                    "from": customer, "id": SandboxTalk.messageID(), "timestamp": "\(Int(now.timeIntervalSince1970))", "type": "text",
                    "text": ["body": text],
                  ]
                ],
              ],
            ]
          ],
        ]
      ],
    ]
    do {
      let body = try JSONSerialization.data(withJSONObject: payload, options: [.withoutEscapingSlashes])
      return try spool.dropCopy(of: Array(body), named: nil, receivedAt: now)
    } catch let error as SpoolError {
      throw CommandFailure(error)
    } catch {
      throw CommandFailure(.wrongCall, "the message could not be written as JSON: \(error)")
    }
  }

  /// Says something, prints the reply, and says where the file went.
  func say(_ text: String, from customer: String, patience: Duration) async throws {
    let before = try await sent(to: customer).count
    let id = try drop(text, from: customer)
    Talk.say("customer \(customer): \(text)")
    let deadline = ContinuousClock.now.advanced(by: patience)
    while ContinuousClock.now < deadline {
      let replies = try await sent(to: customer)
      let filed = try place(of: id)
      if replies.count > before, let filed, case .done = filed.folder {
        for reply in replies[before...] { Answer.line(reply) }
        return Talk.say("the payload lies in \(filed.path)")
      }
      if let filed, case .failed = filed.folder {
        throw CommandFailure(.someFailed, "it failed; see `replyd show \(filed.id)`")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw CommandFailure(
      .tryLater, "no reply within \(patience.text); is `replyd process` or `replyd sandbox up` running? The payload is \(id)")
  }

  static func messageID() -> String {
    let bytes = (0..<18).map { _ in UInt8.random(in: .min ... .max) }
    return "wamid." + Data(bytes).base64EncodedString()
  }

  private func place(of id: PayloadID) throws(CommandFailure) -> FiledPayload? {
    do {
      return try spool.locate(id.description).last
    } catch {
      throw CommandFailure(error)
    }
  }

  private func sent(to customer: String) async throws(CommandFailure) -> [String] {
    let answer: TransferAnswer
    do {
      answer = try await transferrer.transfer(
        TransferRequest(method: .get, url: state.graphURL + "/simulator/sent?to=\(customer)", timeout: .seconds(10)))
    } catch {
      throw CommandFailure(.tryLater, "the stand-in does not answer at \(state.graphURL); start it with `replyd sandbox up`")
    }
    do {
      return try JSONDecoder().decode(Sent.self, from: Data(answer.body)).data.map(\.text)
    } catch {
      throw CommandFailure(.tryLater, "\(state.graphURL) is not the sandbox's stand-in: start it with `replyd sandbox up`")
    }
  }
}
