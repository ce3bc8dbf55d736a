import HTTPTypes
import NIOHTTP1
import Spooling

/// Why a request to the webhook was refused.
enum WebhookRefusal: Error, Hashable, Sendable {
  /// The path is another spelling of the webhook's.
  case pathWrong
  /// It is neither GET nor POST.
  case methodWrong
  /// The verify token is wrong or missing.
  case tokenWrong
  /// No verify token is configured; the client is told ``tokenWrong``.
  case tokenUnset
  /// `hub.mode` is not `subscribe`.
  case modeWrong
  /// `hub.challenge` is missing.
  case challengeMissing
  /// The body is compressed.
  case compressed
  /// The body is over the limit.
  case tooLarge
  /// The body ended before the announced length.
  case cutOff
  /// The server has refused what came of the body, told the client and the operator, and ended the connection.
  case ended(RequestRefusal)
  /// Too many bytes of bodies are held.
  case overloaded
  /// There is no signature header.
  case signatureMissing
  /// The signature header is not of the one form that is known, or there are several.
  case signatureMalformed
  /// The signature is right under none of the secrets.
  case signatureWrong
  /// No app secret is configured; the client is told ``signatureWrong``.
  case secretUnset
  /// The store failed.
  case notStored(JournalError)

  /// What the client is told: never which secrets there are.
  var told: WebhookRefusal {
    switch self {
    case .tokenUnset: .tokenWrong
    case .secretUnset: .signatureWrong
    default: self
    }
  }

  /// Bounded: the code in the answer, the log metadata.
  var reason: String {
    switch self {
    case .pathWrong: "webhook.path_wrong"
    case .methodWrong: "webhook.method_wrong"
    case .tokenWrong: "webhook.token_wrong"
    case .tokenUnset: "webhook.token_unset"
    case .modeWrong: "webhook.mode_wrong"
    case .challengeMissing: "webhook.challenge_missing"
    case .compressed: "webhook.compressed"
    case .tooLarge: "webhook.too_large"
    case .cutOff: "webhook.cut_off"
    case .ended(let refusal): refusal.reason
    case .overloaded: "webhook.overloaded"
    case .signatureMissing: "webhook.signature_missing"
    case .signatureMalformed: "webhook.signature_malformed"
    case .signatureWrong: "webhook.signature_wrong"
    case .secretUnset: "webhook.secret_unset"
    case .notStored: "webhook.not_stored"
    }
  }

  var status: HTTPResponse.Status {
    switch self {
    case .pathWrong: .notFound
    case .methodWrong: .methodNotAllowed
    case .tokenWrong, .tokenUnset, .modeWrong: .forbidden
    case .challengeMissing, .cutOff: .badRequest
    case .compressed: .unsupportedMediaType
    case .tooLarge: .contentTooLarge
    case .ended(let refusal): HTTPResponse.Status(code: Int(refusal.status.code))
    case .signatureMissing, .signatureMalformed, .signatureWrong, .secretUnset: .unauthorized
    case .overloaded, .notStored: .serviceUnavailable
    }
  }

  /// Whether the same request may succeed later without a change of the set-up.
  var isTemporary: Bool {
    switch self {
    case .cutOff, .overloaded, .notStored: true
    case .ended(let refusal): refusal.isTemporary
    case .pathWrong, .methodWrong, .tokenWrong, .tokenUnset, .modeWrong, .challengeMissing, .compressed, .tooLarge: false
    case .signatureMissing, .signatureMalformed, .signatureWrong, .secretUnset: false
    }
  }

  /// What is wrong, as a sentence.
  var message: String {
    switch self {
    case .methodWrong: "The webhook takes GET and POST only."
    case .pathWrong: "The webhook is at \(Webhook.path) exactly, with no slash after it."
    case .tokenWrong: "hub.verify_token is missing, or is not the one that is configured here."
    case .tokenUnset: "No verify token is configured, so every handshake is refused."
    case .modeWrong: "hub.mode is not \"subscribe\"."
    case .challengeMissing: "hub.challenge is missing."
    case .compressed: "The body is compressed, and the signature is checked over the bytes as they come."
    case .tooLarge: "The body is over \(Webhook.largest) bytes."
    case .cutOff: "The body ended before its announced length."
    case .ended(let refusal): refusal.message
    case .overloaded: "Too much is being received at the moment."
    case .signatureMissing: "The header \(WebhookSignature.headerName) is missing."
    case .signatureMalformed: "The header \(WebhookSignature.headerName) is not one sha256= with 64 hex digits after it."
    case .signatureWrong: "The signature does not belong to this body and the app secret that is configured here."
    case .secretUnset: "No app secret is configured, so every payload is refused."
    case .notStored: "The payload could not be stored."
    }
  }

  /// What to do.
  var advice: String {
    switch self {
    case .methodWrong: "Send a POST, signed, as Meta does."
    case .pathWrong: "Correct the callback URL in the App Dashboard."
    case .tokenWrong: "Enter the same token in the App Dashboard and as WEBHOOK_VERIFY_TOKEN."
    case .tokenUnset: "Set WEBHOOK_VERIFY_TOKEN to the token that the App Dashboard has."
    case .modeWrong, .challengeMissing: "Send hub.mode=subscribe, hub.verify_token and hub.challenge, as Meta does."
    case .compressed: "Send it without Content-Encoding, and let no proxy compress it."
    case .tooLarge: "Send less in one request."
    case .cutOff: "Send it again."
    case .ended(let refusal): refusal.advice
    case .overloaded: "Send it again in a second."
    case .signatureMissing, .signatureMalformed: "Sign the raw body with the app secret, and let no proxy remove or change the header."
    case .signatureWrong: "Compare META_APP_SECRET with the App Dashboard, and let no proxy change the body."
    case .secretUnset: "Set META_APP_SECRET to the app secret from the App Dashboard."
    case .notStored: "Send it again in a few seconds."
    }
  }
}
