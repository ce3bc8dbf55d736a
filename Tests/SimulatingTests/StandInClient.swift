import Foundation
import Testing
import Transferring

@testable import Simulating

/// Talks to a running stand-in over real HTTP.
struct StandInClient: Sendable {
  static let token = "TOKEN"
  static let path = "/v25.0/700100200300/messages"

  let url: String
  private let transferrer: Transferrer

  init(url: String) throws {
    self.url = url
    transferrer = try Transferrer()
  }

  func call(
    _ method: TransferRequest.Method,
    _ path: String,
    body: String? = nil,
    token: String? = token,
    contentType: String? = "application/json",
    timeout: Duration = .seconds(20)
  ) async throws(TransferError) -> Answer {
    var headers: [TransferRequest.Header] = []
    if let token { headers.append(.init("Authorization", token.isEmpty ? "Bearer" : "Bearer \(token)")) }
    if let contentType, body != nil { headers.append(.init("Content-Type", contentType)) }
    let request = TransferRequest(
      method: method,
      url: url + path,
      headers: headers,
      body: body.map { Array($0.utf8) },
      timeout: timeout,
      answerLimit: 64 << 20
    )
    return Answer(answer: try await transferrer.transfer(request))
  }

  /// Sends one valid text.
  @discardableResult
  func send(
    _ text: String,
    to: String = "+15550100177",
    from number: String = "700100200300",
    timeout: Duration = .seconds(20)
  ) async throws(TransferError) -> Answer {
    let body: JSONValue = [
      "messaging_product": "whatsapp", "recipient_type": "individual", "to": .string(to), "type": "text",
      "text": ["preview_url": false, "body": .string(text)], "biz_opaque_callback_data": .string("data of \(text)"),
    ]
    return try await call(.post, "/v25.0/\(number)/messages", body: String(decoding: body.bytes, as: UTF8.self), timeout: timeout)
  }

  func arm(_ fault: String) async throws {
    let answer = try await call(.post, "/simulator/faults", body: fault, token: nil)
    try #require(answer.status == 200, "\(answer.text)")
  }

  /// The texts that were counted, in order.
  func texts(_ query: String = "") async throws -> [String] {
    try #require(try await call(.get, "/simulator/sent\(query)", token: nil).json["data"]?.array).compactMap { $0["text"]?.string }
  }

  /// The calls that were not counted, in order.
  func uncounted() async throws -> [JSONValue] {
    try #require(try await call(.get, "/simulator/requests", token: nil).json["data"]?.array)
  }
}

struct Answer: Sendable {
  let answer: TransferAnswer

  var status: Int { answer.status }
  var text: String { String(decoding: answer.body, as: UTF8.self) }
  var json: JSONValue { JSONValue(answer.body) ?? .null }
  /// The id of the message that was taken.
  var id: String? { json["messages"]?.array?.first?["id"]?.string }
  /// The code of the refusal.
  var code: Int? { json["error"]?["code"]?.integer }
}

extension JSONValue {
  subscript(key: String) -> JSONValue? { object?[key] }
}

/// Runs a stand-in, and ends it with the scope.
func withStandIn<Value: Sendable>(
  _ options: GraphStandIn.Options = GraphStandIn.Options(),
  _ body: @Sendable (StandInClient) async throws -> Value
) async throws -> Value {
  let standIn = GraphStandIn(options)
  async let _: Void = standIn.run()
  let value = try await body(try StandInClient(url: try await standIn.url))
  // The end of the scope cancels the server, and waits for it.
  return value
}

/// Collects what is delivered; tasks may wait for it to come.
actor Postbox {
  private var bodies: [JSONValue] = []
  private var waiting: [(count: Int, continuation: CheckedContinuation<[JSONValue], Never>)] = []

  func put(_ body: [UInt8]) {
    bodies.append(JSONValue(body) ?? .null)
    for waiter in waiting where waiter.count <= bodies.count { waiter.continuation.resume(returning: bodies) }
    waiting.removeAll { $0.count <= bodies.count }
  }

  /// Waits until there are at least `count`.
  func all(_ count: Int) async -> [JSONValue] {
    guard bodies.count < count else { return bodies }
    return await withCheckedContinuation { waiting.append((count, $0)) }
  }

  var countNow: Int { bodies.count }
}
