internal import Parsing

/// What matters of a Graph answer, read tolerantly: a field of an unexpected type is a missing field.
///
/// Codes come as numbers and as strings, `error_data` as an object, as a string, or not at all.
///
/// Source: Graph's error handling page, and recorded answers.
struct GraphAnswer {
  let messageID: String?
  let fault: Fault?

  /// Nil when `body` is not a JSON object.
  init?(_ body: [UInt8]) {
    guard let fields = JSON(reading: body)?.objectValue else { return nil }
    messageID = fields["messages"]?.arrayValue?.first?["id"]?.said
    fault = fields["error"]?.objectValue.map(Fault.init)
  }
}

extension GraphAnswer {
  struct Fault {
    let code: Int?
    let subcode: Int?
    let details: String?
    let traceID: String?

    init(_ fields: JSON.Object) {
      code = fields["code"]?.intValue
      subcode = fields["error_subcode"]?.intValue
      traceID = fields["fbtrace_id"]?.said
      let data = fields["error_data"]
      details = data?["details"]?.said ?? data?.said ?? fields["error_user_msg"]?.said ?? fields["message"]?.said
    }
  }
}

extension JSON {
  /// A text with something in it.
  fileprivate var said: String? { strictString.flatMap { $0.isEmpty ? nil : $0 } }
}
