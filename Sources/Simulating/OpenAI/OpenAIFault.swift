/// One way to go wrong, for the requests whose last text of the customer it matches.
///
/// Faults come after the rules: a call that breaks a rule is refused as ever, and uses no fault up.
struct OpenAIFault: StandInFault, Hashable {
  var textContains: String?
  var times = 1
  var delay = Duration.zero
  var status: Int?
  /// Of the error; or of the Response's own error, where the trouble is that it failed.
  var code: String?
  var type: String?
  var message: String?
  var param: String?
  var retryAfter: String?
  var trouble: ResponseTrouble?
  /// What the model says, in place of what it would.
  var text: String?
  var ending = FaultEnding.answer
  var countsFirst = false
  var chance = 1.0
  var seed: UInt64 = 0

  func matches(_ request: ResponseRequest) -> Bool { textContains.map { request.lastUserText.contains($0) } ?? true }

  /// Whether the model works on the request, which is what costs money.
  var isCounted: Bool { ending.isAnswered ? refusal == nil && !isRedirect : countsFirst }

  var isRedirect: Bool { refusal == nil && (300..<400).contains(status ?? 200) }

  /// What is said in place of a Response; nil when there is one, and for a redirect, which says nothing.
  var refusal: OpenAIRefusal? {
    guard trouble == nil else { return nil }
    let isError = code != nil || type != nil || message != nil || param != nil || !(200..<400).contains(status ?? 200)
    guard isError else { return nil }
    var refusal = OpenAIRefusal.preset(status: status, code: code)
    refusal.status = status ?? refusal.status
    refusal.type = type ?? refusal.type
    refusal.message = message ?? refusal.message
    refusal.param = param ?? refusal.param
    return refusal
  }
}
