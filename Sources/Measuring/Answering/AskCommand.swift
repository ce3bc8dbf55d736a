internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Transferring

/// The stand-ins in a process of their own; the plan as JSON in the first argument.
struct UpstreamsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "upstreams", shouldDisplay: false)

  @Argument var plan: String

  func run() throws {
    let upstreams = try Upstreams(try JSONDecoder().decode(UpstreamPlan.self, from: Data(plan.utf8)))
    tell("listening at \(upstreams.model.port) and \(upstreams.graph.port)")
    try upstreams.run()
  }
}

/// The two requests of each reply and nothing else, in a process of their own: what an answer costs at least.
struct AskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ask", shouldDisplay: false)

  @Argument var model: Int
  @Argument var graph: Int
  @Argument var pairs: Int
  @Argument var atOnce: Int

  /// What it has come to, in JSON on stdout.
  struct Result: Codable {
    var seconds: Double
    /// In seconds, for all pairs.
    var cpu: Double
    /// At the most.
    var residentMB: Double
  }

  func run() async throws {
    let transferrer = try Transferrer()
    let before = Self.usage
    let start = monotonic()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<atOnce {
        group.addTask { for number in stride(from: lane, to: pairs, by: atOnce) { try await ask(number, through: transferrer) } }
      }
      try await group.waitForAll()
    }
    let after = Self.usage
    let result = Result(
      seconds: Double(monotonic() - start) / 1e9, cpu: after.cpu - before.cpu, residentMB: Double(after.memory) / 1024)
    transferrer.close()
    FileHandle.standardOutput.write(try JSONEncoder().encode(result))
  }

  private func ask(_ number: Int, through transferrer: Transferrer) async throws {
    var (question, send) = (Self.question, Self.send)
    question.fill("number", number)
    send.fill("number", number)
    send.fill("mark", number.scattered)
    send.fill("phone", Customer.phone(number))
    let type = TransferRequest.Header("Content-Type", "application/json")
    let token = TransferRequest.Header("Authorization", "Bearer token")
    let requests = [("\(model)/v1/responses", question), ("\(graph)/v25.0/\(Canned.address)/messages", send)]
    for (address, body) in requests {
      let request = TransferRequest(method: .post, url: "http://127.0.0.1:\(address)", headers: [type, token], body: body.bytes)
      let answer = try await transferrer.transfer(request)
      guard answer.status == 200 else { throw MeasureFailure("the stand-in answered \(answer.status)") }
    }
  }

  private static let question = Stencil(Canned.question)
  private static let send = Stencil(Canned.send)

  /// Of this process: seconds, and KiB at the most.
  private static var usage: (cpu: Double, memory: Int) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    return (cpu, usage.ru_maxrss)
  }
}
