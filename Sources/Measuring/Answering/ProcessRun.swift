internal import Foundation
internal import Glibc

/// One replyd with a spool, a ledger and stand-ins of its own.
final class ProcessRun {
  let folder: String
  private let plan: UpstreamPlan
  private let upstreams: Child
  private let ports: (model: Int, graph: Int)
  private let replyd: Child
  private let start: Int

  /// Fills the spool and starts all of it.
  ///
  /// - Parameters:
  ///   - plan: For the stand-ins; its spool is named here.
  ///   - files: How many messages wait at the beginning.
  ///   - installed: What they are answered with.
  ///   - folder: Is made.
  ///   - settings: For replyd, beside those that name folders and stand-ins.
  /// - Throws: When something does not start.
  init(
    _ plan: UpstreamPlan, files: Int, with installed: ProcessInstallation, in folder: String, settings: [String: String] = [:]
  ) throws {
    var plan = plan
    plan.spool = folder + "/spool"
    (self.plan, self.folder) = (plan, folder)
    try installed.copy(to: folder)
    upstreams = try Child(
      ownProgram, ["upstreams", String(decoding: JSONEncoder().encode(plan), as: UTF8.self)], in: folder + "/upstreams", environment: [:])
    ports = try Self.ports(of: upstreams)
    var drop = try PayloadDrop(spool: plan.spool)
    try drop.fill(0..<files, customers: plan.customers)
    // What has just been written is not to be written out at this run's cost.
    sync()
    start = monotonic()
    replyd = try Child(
      installed.replyd, ["process"], in: folder,
      environment: installed.environment(in: folder, model: ports.model, graph: ports.graph).merging(settings) { $1 })
  }

  static func ports(of upstreams: Child) throws -> (model: Int, graph: Int) {
    let words = try upstreams.wait(for: /listening at ([0-9]+) and ([0-9]+)/)
    guard let model = Int(words.1), let graph = Int(words.2) else { throw MeasureFailure("the stand-ins named no ports") }
    return (model, graph)
  }

  /// Waits until every message is answered and every file is filed, then ends all of it.
  ///
  /// - Returns: The row, and how the stand-ins judge what they have seen.
  func finish(_ name: String) throws -> (row: ProcessRow, counts: UpstreamCounts) {
    let counts = try waitForAnswers()
    let seconds = Double(monotonic() - start) / 1e9
    let usage = try replyd.usage
    let said = try replyd.stop()
    let filed = plan.end + counts.statuses
    let (done, failed) = (count("done"), count("failed"))
    guard done == filed, failed == 0 else {
      throw MeasureFailure("\(done) of \(filed) files are in done/, \(failed) in failed/; see \(folder)")
    }
    let messages = Double(counts.answered)
    let ledger = said.firstMatch(of: /ledger\.commits=([0-9]+) ledger\.statements=([0-9]+)/)
    let row = ProcessRow(
      name: name, messages: counts.answered, perSecond: messages / seconds, repliesPerSecond: Double(counts.sent) / seconds,
      messagesPerReply: messages / Double(counts.sent), p50: counts.p50 > 0 ? counts.p50 : nil, p99: counts.p50 > 0 ? counts.p99 : nil,
      cpuMicros: usage.cpu / messages * 1e6, commitsPerMessage: ledger.flatMap { Double($0.1) }.map { $0 / messages },
      statementsPerMessage: ledger.flatMap { Double($0.2) }.map { $0 / messages }, residentMB: usage.mostResident,
      mostUnderWay: counts.mostUnderWay)
    return (row, counts)
  }

  private func waitForAnswers() throws -> UpstreamCounts {
    var (last, since) = (UpstreamCounts(), monotonic())
    while true {
      let now = try Self.counts(of: ports.model)
      if now.answered >= plan.end, now.statuses == now.sent * plan.statuses, count("incoming", "active", "deferred") == 0 { return now }
      if now.answered + now.statuses + now.asked > last.answered + last.statuses + last.asked { (last, since) = (now, monotonic()) }
      guard monotonic() - since < 60_000_000_000 else {
        throw MeasureFailure("only \(now.answered) of \(plan.end) messages are answered, and nothing happens; see \(folder)")
      }
      usleep(20_000)
    }
  }

  /// How many payloads lie in these folders of the spool, and in the folders in them.
  private func count(_ folders: String...) -> Int {
    folders.reduce(0) { sum, folder in
      let inner = FileManager.default.enumerator(atPath: plan.spool + "/" + folder)
      return sum + (inner?.reduce(0) { ($1 as? String)?.hasSuffix(".json") == true ? $0 + 1 : $0 } ?? 0)
    }
  }

  private static func counts(of port: Int) throws -> UpstreamCounts {
    let socket = try Socket(port: port)
    let poll = try Poll()
    try poll.add(socket.number, tag: 0)
    guard socket.send(Array("GET /count HTTP/1.1\r\n\r\n".utf8)) else { throw MeasureFailure.system("send") }
    var answer: [UInt8] = []
    var input = [UInt8](repeating: 0, count: 4096)
    while AnswerHead.status(ofWhole: answer) == nil {
      _ = poll.wait(nanoseconds: 1_000_000_000)
      let count = recv(socket.number, &input, input.count, 0)
      guard count > 0 || errno == EAGAIN else { throw MeasureFailure("the stand-ins have ended") }
      answer += input.prefix(max(0, count))
    }
    let body = answer.drop { $0 != UInt8(ascii: "{") }
    return try JSONDecoder().decode(UpstreamCounts.self, from: Data(body))
  }
}
