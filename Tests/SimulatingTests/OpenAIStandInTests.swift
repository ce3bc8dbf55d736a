import Foundation
import Logging
import ServiceLifecycle
import Testing
import Transferring

@testable import Simulating

struct OpenAIStandInTests {
  @Test func `its URL is the base of the API's paths`() async throws {
    let standIn = OpenAIStandIn()
    async let _: Void = standIn.run()
    let url = try await standIn.url
    #expect(url == "http://127.0.0.1:\(try await standIn.boundPort)/v1")
    #expect(try await StandInClient(url: url).call(.get, "/models").status == 200)
    #expect(standIn.description == "OpenAIStandIn")
  }

  @Test func `a port that is taken is said, and a stand-in runs once`() async throws {
    let first = OpenAIStandIn()
    let run = Task { try await first.run() }
    let port = try await first.boundPort
    await #expect(throws: StandInError.portTaken(port)) { try await OpenAIStandIn(OpenAIStandIn.Options(port: port)).run() }
    run.cancel()
    try await run.value
    await #expect(throws: StandInError.alreadyRun) { try await first.run() }
  }

  @Test func `a graceful shutdown waits for nobody whose answer hangs`() async throws {
    let standIn = OpenAIStandIn()
    let group = ServiceGroup(services: [standIn], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let run = Task { try await group.run() }
    let client = OpenAIClient(http: try StandInClient(url: "http://127.0.0.1:\(try await standIn.boundPort)"))
    try await client.http.arm(#"{"hang":"after"}"#)
    try await client.http.arm(#"{"delay_ms":600000}"#)
    // One after another: the first to come gets the first fault.
    let hanging = Task { try await client.ask() }
    while try await client.counted() < 1 { await Task.yield() }
    let delayed = Task { try await client.ask() }
    while try await client.counted() < 2 { await Task.yield() }
    await group.triggerGracefulShutdown()
    try await run.value
    await #expect(throws: TransferError.self) { try await hanging.value }
    _ = await delayed.result
  }

  @Test func `a thousand requests at once are each answered with their own words`() async throws {
    try await withOpenAI(OpenAIStandIn.Options(reply: { $0 })) { client in
      let texts = try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
        for number in 0..<1000 { group.addTask { (number, try await client.ask("text \(number)").texts) } }
        return try await group.reduce(into: [Int: [String]]()) { $0[$1.0] = $1.1 }
      }
      #expect(texts == Dictionary(uniqueKeysWithValues: (0..<1000).map { ($0, ["text \($0)"]) }))
      #expect(try await client.counted() == 1000)
    }
  }
}
