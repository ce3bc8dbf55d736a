import Foundation
import Testing
import Transferring

@testable import Simulating

/// Talks to a running stand-in for OpenAI over real HTTP.
struct OpenAIClient: Sendable {
  let http: StandInClient

  /// A valid request, with some fields replaced; null takes the field away.
  static func body(_ changes: [String: JSONValue] = [:]) -> String {
    var fields: [String: JSONValue] = ["model": "gpt-6-luna", "input": "Olá", "store": false]
    for (key, value) in changes { fields[key] = value == .null ? nil : value }
    return String(decoding: JSONValue.object(fields).bytes, as: UTF8.self)
  }

  /// Asks for a Response to one text.
  @discardableResult
  func ask(
    _ text: String = "Olá",
    _ changes: [String: JSONValue] = [:],
    timeout: Duration = .seconds(20)
  ) async throws(TransferError) -> Answer {
    let body = Self.body(["input": .string(text)].merging(changes) { $1 })
    return try await http.call(.post, "/v1/responses", body: body, timeout: timeout)
  }

  func post(_ body: String) async throws(TransferError) -> Answer { try await http.call(.post, "/v1/responses", body: body) }

  /// The calls that were remembered, in order.
  func calls(_ query: String = "") async throws -> [JSONValue] {
    try #require(try await http.call(.get, "/simulator/requests\(query)", token: nil).json["data"]?.array)
  }

  /// How many calls the model has worked on.
  func counted() async throws -> Int {
    try #require(try await http.call(.get, "/simulator/requests?limit=0", token: nil).json["counted"]?.integer)
  }
}

extension Answer {
  var errorCode: String? { json["error"]?["code"]?.string }
  var param: String? { json["error"]?["param"]?.string }

  /// The texts of a Response, message by message, whatever their phase.
  var texts: [String] {
    let messages = (json["output"]?.array ?? []).filter { $0["type"] == "message" }
    return messages.map { message in
      (message["content"]?.array ?? []).filter { $0["type"] == "output_text" }.compactMap { $0["text"]?.string }.joined()
    }
  }
}

/// Runs a stand-in for OpenAI, and ends it with the scope.
func withOpenAI<Value: Sendable>(
  _ options: OpenAIStandIn.Options = OpenAIStandIn.Options(),
  _ body: @Sendable (OpenAIClient) async throws -> Value
) async throws -> Value {
  let standIn = OpenAIStandIn(options)
  async let _: Void = standIn.run()
  let client = OpenAIClient(http: try StandInClient(url: "http://127.0.0.1:\(try await standIn.boundPort)"))
  // The end of the scope cancels the server, and waits for it.
  return try await body(client)
}
