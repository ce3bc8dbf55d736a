internal import Recording

/// Why a request was not done; its message says what to do as well, for its reader sees nothing else.
enum ServingError: Error, Hashable, Sendable {
  case keyMissing
  case keyUnknown
  /// The admin key, where only a user's own will do.
  case keyMisplaced
  /// Another user's, or nobody's: both are answered alike.
  case userUnknown
  case userDisabled
  case usersAdminOnly
  case creditsAdminOnly

  case routeUnknown
  case methodUnknown(allowed: [String])
  case tooLarge(limit: Int)
  case notJSONType
  case encoded
  case cutOff
  case malformed
  case fieldMissing(String, allowed: String)
  case fieldWrong(String, allowed: String)
  case parameterWrong(String, allowed: String)

  case phoneNumberTaken
  case phoneNumberUnknown
  case promptUnknown
  case conversationUnknown

  case notReady([String])
  case ledger(LedgerError)
  /// Refused by the server below, or by another module, which said no more.
  case other(status: Int, message: String?)
  /// A fault of ours.
  case unexpected(type: String)

  /// Bounded: the error's `code`, the log metadata, the metric label.
  var reason: String {
    switch self {
    case .keyMissing: "key.missing"
    case .keyUnknown: "key.unknown"
    case .keyMisplaced: "key.admin_misplaced"
    case .userUnknown: "user.unknown"
    case .userDisabled: "user.disabled"
    case .usersAdminOnly: "users.admin_only"
    case .creditsAdminOnly: "credits.admin_only"
    case .routeUnknown: "route.unknown"
    case .methodUnknown: "method.unknown"
    case .tooLarge: "request.too_large"
    case .notJSONType: "request.not_json_type"
    case .encoded: "request.encoded"
    case .cutOff: "request.cut_off"
    case .malformed: "request.malformed"
    case .fieldMissing: "request.field_missing"
    case .fieldWrong: "request.field_wrong"
    case .parameterWrong: "request.parameter_wrong"
    case .phoneNumberTaken: "phone_number.taken"
    case .phoneNumberUnknown: "phone_number.unknown"
    case .promptUnknown: "prompt.unknown"
    case .conversationUnknown: "conversation.unknown"
    case .notReady: "server.not_ready"
    case .ledger(let error): error.reason
    case .other(let status, _): status < 500 ? "request.refused" : "server.refused"
    case .unexpected: "server.failed"
    }
  }

  var status: Int {
    switch self {
    case .keyMissing, .keyUnknown: 401
    case .keyMisplaced, .userDisabled, .usersAdminOnly, .creditsAdminOnly: 403
    case .userUnknown, .routeUnknown, .phoneNumberUnknown, .promptUnknown, .conversationUnknown: 404
    case .methodUnknown: 405
    case .phoneNumberTaken: 409
    case .tooLarge: 413
    case .notJSONType, .encoded: 415
    case .cutOff, .malformed, .fieldMissing, .fieldWrong, .parameterWrong: 400
    case .notReady: 503
    case .ledger(let error): error.isTemporary ? 503 : 500
    case .other(let status, _): status
    case .unexpected: 500
    }
  }

  /// Whether the same request may succeed soon.
  var isTemporary: Bool { status == 503 }

  var message: String {
    switch self {
    case .keyMissing: "This needs a key in the header x-api-key."
    case .keyUnknown: "The key in x-api-key is not known, or has been revoked."
    case .keyMisplaced: "The admin key makes users and adds credits, nothing else; this needs the user's own key in x-api-key."
    case .userUnknown: "There is no such user, or the key in x-api-key is not theirs."
    case .userDisabled: "This user has been disabled by the operator."
    case .usersAdminOnly: "Here only the operator makes users: with the admin key in x-api-key."
    case .creditsAdminOnly: "Here only the operator adds credits: with the admin key in x-api-key."
    case .routeUnknown: "There is nothing at this path."
    case .methodUnknown(let allowed): "This path knows only \(allowed.joined(separator: " and "))."
    case .tooLarge(let limit): "The body is over \(limit) bytes."
    case .notJSONType:
      "The body must come with `Content-Type: application/json` (curl says application/x-www-form-urlencoded unless told by -H)."
    case .encoded: "The body must come as it is, without a Content-Encoding."
    case .cutOff: "The body ended before its length."
    case .malformed: "The body must be one JSON object in UTF-8, nested less than 500 deep."
    case .fieldMissing(let name, let allowed): "The field `\(name)` is missing; it must be \(allowed)."
    case .fieldWrong(let name, let allowed): "The field `\(name)` must be \(allowed)."
    case .parameterWrong(let name, let allowed): "The parameter `\(name)` must be \(allowed)."
    case .phoneNumberTaken: "A number with this meta_phone_number_id has been added before, by this user or another."
    case .phoneNumberUnknown: "This user has no number with this phone_number_id; GET /v1/users/{user_id}/phone_numbers lists theirs."
    case .promptUnknown: "This user has no prompt with this prompt_id; GET /v1/users/{user_id}/prompts lists theirs."
    case .conversationUnknown: "This user has no such conversation; GET /v1/users/{user_id}/conversations lists theirs."
    case .notReady(let sentences): sentences.joined(separator: " ")
    case .ledger(let error):
      error.isTemporary
        ? "The ledger cannot be reached right now; try again soon." : "The ledger failed; the operator's log tells more by this request_id."
    case .other(let status, let message):
      message ?? (status < 500 ? "The request was refused (\(status))." : "The server refused (\(status)).")
    case .unexpected: "This failed by a fault of replyd; the operator's log tells more by this request_id."
    }
  }

  /// What only the operator's log tells; nil when the message says it all.
  var detail: String? {
    switch self {
    case .ledger(let error): error.message
    case .unexpected(let type): type
    default: nil
    }
  }
}
