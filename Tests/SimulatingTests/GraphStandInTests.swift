import Foundation
import Logging
import ServiceLifecycle
import Testing
import Transferring

@testable import Simulating

struct GraphStandInTests {
  @Test func `a port that is taken is said in one sentence`() async throws {
    try await withStandIn { client in
      let port = try #require(URL(string: client.url)?.port)
      let second = GraphStandIn(GraphStandIn.Options(port: port))
      await #expect(throws: StandInError.portTaken(port)) { try await second.run() }
      await #expect(throws: StandInError.portTaken(port)) { try await second.boundPort }
      #expect(StandInError.portTaken(port).message == "Port \(port) of 127.0.0.1 is in use by another program.")
    }
  }

  @Test func `a stand-in runs once`() async throws {
    let standIn = GraphStandIn()
    let run = Task { try await standIn.run() }
    _ = try await standIn.boundPort
    await #expect(throws: StandInError.alreadyRun) { try await standIn.run() }
    run.cancel()
    try await run.value
    await #expect(throws: StandInError.alreadyRun) { try await standIn.run() }
  }

  @Test func `whoever waits for the port of one that never runs can be cancelled`() async {
    let standIn = GraphStandIn()
    let waiting = Task { try await standIn.boundPort }
    waiting.cancel()
    await #expect(throws: StandInError.stopped) { try await waiting.value }
  }

  @Test func `stopping waits for nobody whose answer hangs`() async throws {
    let standIn = GraphStandIn()
    let run = Task { try await standIn.run() }
    let client = try StandInClient(url: try await standIn.url)
    try await client.arm(#"{"hang":"after"}"#)
    try await client.arm(#"{"delay_ms":600000}"#)
    // One after another: the first to come gets the first fault.
    let hanging = Task { try await client.send("a") }
    while try await client.texts().count < 1 { await Task.yield() }
    let delayed = Task { try await client.send("b") }
    while try await client.texts().count < 2 { await Task.yield() }
    let time = try await ContinuousClock().measure {
      run.cancel()
      try await run.value
    }
    // The hang would last ten minutes: the bound is far from both.
    #expect(time < .seconds(60))
    await #expect(throws: TransferError.self) { try await hanging.value }
    _ = await delayed.result
  }

  @Test func `a graceful shutdown delivers what is queued, and waits for nobody whose answer hangs`() async throws {
    let postbox = Postbox()
    let standIn = GraphStandIn(GraphStandIn.Options(deliver: { await postbox.put($0) }))
    let group = ServiceGroup(services: [standIn], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let run = Task { try await group.run() }
    let client = try StandInClient(url: try await standIn.url)
    try await client.arm(#"{"match":{"text_contains":"hang"},"hang":true}"#)
    let hanging = Task { try await client.send("hang") }
    while try await client.uncounted().isEmpty { await Task.yield() }
    for number in 0..<50 { try await client.send("text \(number)") }
    await group.triggerGracefulShutdown()
    try await run.value
    #expect(await postbox.countNow == 100)
    await #expect(throws: TransferError.self) { try await hanging.value }
  }

  @Test func `a thousand messages at once are each counted once and reported`() async throws {
    let postbox = Postbox()
    let options = GraphStandIn.Options(deliver: { await postbox.put($0) })
    try await withStandIn(options) { client in
      let ids = try await withThrowingTaskGroup(of: String?.self) { group in
        for number in 0..<1000 { group.addTask { try await client.send("text \(number)").id } }
        return try await group.reduce(into: Set<String>()) { ids, id in if let id { ids.insert(id) } }
      }
      #expect(ids.count == 1000)
      #expect(Set(try await client.texts()) == Set((0..<1000).map { "text \($0)" }))
      #expect(await postbox.all(2000).count == 2000)
    }
  }
}
