/// The rules of Graph's two paths that replyd uses; stricter than Meta where a mistake of ours would otherwise pass unseen.
struct GraphRules: Sendable {
  /// Nil: any token that is not empty.
  let tokens: Set<String>?
  /// Phone number ids; nil: anything of 1 to 20 digits.
  let numbers: Set<String>?

  /// Source: Graph's version table; older ones still serve, and replyd has no reason to ask for them.
  static let versions: Set<Substring> = ["v23.0", "v24.0", "v25.0", "v26.0"]

  /// Judges one call: the path first, then who asks, then whom, then the body.
  func verdict(on call: StandInCall) throws(GraphRefusal) -> GraphVerdict {
    let segments = call.segments
    guard (2...3).contains(segments.count), Self.versions.contains(segments[0]), segments.count == 2 || segments[2] == "messages" else {
      throw .unknownPath(call.path)
    }
    try admit(call)
    let number = String(segments[1])
    guard knows(number) else { throw .unknownObject(number, method: call.method) }
    let version = String(segments[0])
    guard segments.count == 3 else {
      guard call.method == "GET" else { throw .unsupportedMethod(call.method) }
      return .number(id: number, version: version)
    }
    guard call.method == "POST" else { throw .unsupportedMethod(call.method) }
    let reader = MessageReader(fields: try fields(of: call))
    return if let message = try reader.message(from: number, version: version) { .message(message) } else { .markRead }
  }

  private func admit(_ call: StandInCall) throws(GraphRefusal) {
    guard let token = call.token else { throw .noToken }
    guard tokens?.contains(token) ?? true else { throw .badToken }
  }

  private func knows(_ number: String) -> Bool {
    if let numbers { return numbers.contains(number) }
    return (1...20).contains(number.utf8.count) && number.utf8.allSatisfy(\.isDigit)
  }

  private func fields(of call: StandInCall) throws(GraphRefusal) -> [String: JSONValue] {
    guard call.saysJSON else { throw .unreadable("Content-Type must be application/json") }
    guard let fields = JSONValue(call.body)?.object else { throw .unreadable("The body must be one JSON object") }
    return fields
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
