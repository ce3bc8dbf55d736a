/// Reads the description of a fault, as it is posted to `/simulator/faults`.
///
/// - `match`: `{"text_contains": …}`, looked for in the last text of the customer.
/// - `times` (1; 0 is for ever), `chance`, `seed`, `delay_ms`.
/// - One of `hang_up` ("before" or "after" the request is counted), `hang` (true, "before", "after"), `cut_body`, `garbage`, `empty_body`.
/// - An error: `status`, `code` (see ``OpenAIRefusal/presets``; any other is taken as it is), `type`, `message`, `param`, `retry_after`.
/// - An answer: `text`, `trouble` (see ``ResponseTrouble``); with `"trouble":"failed"` `code` and `message` are those of the Response's error.
enum OpenAIFaultOrder {
  private static let error = ["status", "type", "param", "retry_after"]
  private static let keys: Set<String> = [
    "match", "code", "type", "message", "param", "trouble", "text", "cut_body", "garbage", "empty_body",
  ]

  static func fault(_ bytes: [UInt8]) throws(FaultOrderError) -> OpenAIFault {
    let order = try FaultReader(bytes, keys: keys)
    var fault = OpenAIFault()
    if let match = try order.object("match", keys: ["text_contains"]) {
      fault.textContains = try order.string("text_contains", in: match)
    }
    (fault.code, fault.type) = (try order.string("code"), try order.string("type"))
    (fault.message, fault.param) = (try order.string("message"), try order.string("param"))
    (fault.trouble, fault.text) = (try trouble(in: order), try order.string("text"))
    try order.read(
      into: &fault,
      endings: [("cut_body", .cutBody), ("garbage", .garbage), ("empty_body", .emptyBody)],
      unanswered: error + ["code", "message", "trouble", "text"]
    )
    if let trouble = fault.trouble {
      try order.refuse(error + (trouble == .failed ? [] : ["code", "message"]) + (trouble.hasText ? [] : ["text"]), beside: "trouble")
    } else if fault.text != nil {
      try order.refuse(["code", "type", "message", "param"], beside: "text")
    }
    return fault
  }

  private static func trouble(in order: FaultReader) throws(FaultOrderError) -> ResponseTrouble? {
    guard let name = order["trouble"] else { return nil }
    guard let trouble = name.string.flatMap(ResponseTrouble.init(rawValue:)) else {
      throw .wrongValue(key: "trouble", allowed: "one of \(ResponseTrouble.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return trouble
  }
}
