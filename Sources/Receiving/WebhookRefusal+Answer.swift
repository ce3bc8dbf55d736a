import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Spooling

extension WebhookRefusal {
  private struct Envelope: Encodable {
    struct Content: Encodable {
      let code: String
      let message: String
      let requestID: String

      enum CodingKeys: String, CodingKey {
        case code, message
        case requestID = "request_id"
      }
    }

    let error: Content
  }

  /// How long Meta shall wait, in seconds, before it tries again; it may do as it likes.
  private var retryAfter: Int? {
    guard isTemporary else { return nil }
    guard case .notStored = self else { return 1 }
    return 5
  }

  /// The answer, in the form that every error has.
  func response(requestID: String) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let content = Envelope.Content(code: told.reason, message: "\(told.message) \(told.advice)", requestID: requestID)
    var headers: HTTPFields = [.contentType: "application/json"]
    headers[.retryAfter] = retryAfter.map { String($0) }
    if self == .methodWrong { headers[.allow] = "GET, POST" }
    let body = ByteBuffer(bytes: try encoder.encode(Envelope(error: content)))
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
  }

  /// Of which there is one line in ten seconds; nil when the operator has been told.
  var kind: String? {
    switch self {
    case .ended: nil
    case .notStored(let error): error.reason
    default: reason
    }
  }

  /// One line for the operator, of so many refusals; no header, no body.
  func log(count: Int, to logger: Logger) {
    var metadata: Logger.Metadata = [
      "webhook.reason": "\(reason)", "http.status": "\(status.code)", "count": "\(count)", "problem": "\(message)", "advice": "\(advice)",
    ]
    guard case .notStored(let error) = self else { return logger.warning("webhook requests refused", metadata: metadata) }
    metadata["journal.reason"] = "\(error.reason)"
    metadata["problem"] = "\(error.message)"
    metadata["advice"] = "\(error.advice)"
    logger.error("payloads not stored; Meta will send them again", metadata: metadata)
  }
}
