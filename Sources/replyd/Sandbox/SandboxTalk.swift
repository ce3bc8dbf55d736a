internal import Foundation
internal import Recording
internal import Serving
internal import Simulating
internal import Spooling
internal import Transferring

/// Talks to the sandbox as a customer would: a signed webhook in, the reply read from the stand-in's list.
struct SandboxTalk: Sendable {
  let spool: Spool
  let ledger: SQLiteLedger
  let state: SandboxState
  /// Signs webhooks; nil when there is none.
  let secret: String?
  let transferrer: Transferrer

  private struct Sent: Decodable {
    struct Message: Decodable {
      let text: String
    }

    let data: [Message]
  }

  /// A webhook with one text message.
  private func payload(_ text: String, id: String, from customer: String, to number: String) throws(CommandFailure) -> [UInt8] {
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
                "metadata": ["display_phone_number": "15550100100", "phone_number_id": number],
                "contacts": [["profile": ["name": "Sandbox Customer"], "wa_id": customer]],
                "messages": [
                  [
                    "from": customer, "id": id, "timestamp": "\(Int(now.timeIntervalSince1970))", "type": "text",
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
      return Array(try JSONSerialization.data(withJSONObject: payload, options: [.withoutEscapingSlashes]))
    } catch {
      throw CommandFailure(.wrongCall, "the message could not be written as JSON: \(error)")
    }
  }

  /// Brings a payload in: by HTTP where webhooks are taken, else as a file.
  private func bring(_ body: [UInt8]) async throws(CommandFailure) {
    guard let url = state.webhookURL, let secret else {
      do {
        _ = try spool.dropCopy(of: body, named: nil, receivedAt: Date())
      } catch {
        throw CommandFailure(error)
      }
      return
    }
    let status: Int
    do {
      status = try await WebhookPoster(transferrer: transferrer, url: url, secret: secret).post(body)
    } catch {
      throw CommandFailure(.tryLater, "nobody takes webhooks at \(url); start it with `replyd serve --sandbox`")
    }
    guard status == 200 else { throw CommandFailure(.tryLater, "the webhook at \(url) answered \(status); its log says why") }
  }

  /// Says something, prints the reply, and says where the file went.
  func say(_ text: String, from customer: String, to number: String, patience: Duration) async throws {
    let before = try await sent(to: customer).count
    let id = SandboxTalk.messageID()
    Talk.say("customer \(customer): \(text)")
    try await bring(try payload(text, id: id, from: customer, to: number))
    let deadline = ContinuousClock.now.advanced(by: patience)
    while ContinuousClock.now < deadline {
      if let ended = try await ended(id, to: number), let filed = try place(of: ended.fileName) {
        guard ended.outcome == "answered" else {
          throw CommandFailure(.someFailed, "it was not answered; see `replyd show \(filed.id)`")
        }
        for reply in try await sent(to: customer).dropFirst(before) { Answer.line(reply) }
        return Talk.say("the payload lies in \(filed.path)")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw CommandFailure(.tryLater, "no reply within \(patience.text); is `replyd serve --sandbox` or `replyd process` running?")
  }

  private func ended(_ id: String, to number: String) async throws(CommandFailure) -> MessageRecord? {
    let message = try await ledger.readOrFail { transaction throws(LedgerError) in
      try transaction.messages.find(platform: "whatsapp", addressID: number, providerID: id)
    }
    return message?.outcome == nil ? nil : message
  }

  static func messageID() -> String {
    let bytes = (0..<18).map { _ in UInt8.random(in: .min ... .max) }
    return "wamid." + Data(bytes).base64EncodedString()
  }

  /// Where a file was put down: nil while it is on its way.
  private func place(of name: String) throws(CommandFailure) -> FiledPayload? {
    do {
      return try spool.locate(name).last { place in
        switch place.folder {
        case .done, .failed: true
        default: false
        }
      }
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
      throw CommandFailure(.tryLater, "the stand-in does not answer at \(state.graphURL); start it with `replyd serve --sandbox`")
    }
    do {
      return try JSONDecoder().decode(Sent.self, from: Data(answer.body)).data.map(\.text)
    } catch {
      throw CommandFailure(.tryLater, "\(state.graphURL) is not the sandbox's stand-in: start it with `replyd serve --sandbox`")
    }
  }
}
