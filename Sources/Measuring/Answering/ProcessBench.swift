internal import Foundation
internal import Glibc

/// The rows, one after another.
struct ProcessBench {
  private let place: String
  private let installed: ProcessInstallation
  private(set) var rows: [ProcessRow] = []
  private(set) var rests: [RestRow] = []
  private(set) var bounds: [Bound] = []
  private var runs = 0

  init(place: String, replyd: String) throws {
    self.place = place
    installed = try ProcessInstallation(in: place + "/installed", replyd: replyd)
  }

  /// The two requests of an answer and nothing else: what is left of the other rows is ours.
  mutating func measureRequests(_ pairs: Int, atOnce: Int = 64) throws {
    tell("\(pairs) pairs of requests without replyd")
    let folder = freshFolder()
    let plan = UpstreamPlan(customers: pairs, spool: folder + "/spool")
    let upstreams = try Child(
      ownProgram, ["upstreams", String(decoding: JSONEncoder().encode(plan), as: UTF8.self)], in: folder, environment: [:])
    let ports = try ProcessRun.ports(of: upstreams)
    let asking = try Child(
      ownProgram, ["ask", "\(ports.model)", "\(ports.graph)", "\(pairs)", "\(atOnce)"], in: folder + "/ask", environment: [:])
    let said = try asking.end(within: 120)
    guard let words = said.firstMatch(of: /\{.*\}/)?.output else { throw MeasureFailure("the requests failed: \(said)") }
    let result = try JSONDecoder().decode(AskCommand.Result.self, from: Data(words.utf8))
    let perSecond = Double(pairs) / result.seconds
    rows.append(
      ProcessRow(
        name: "the two requests alone, \(atOnce) at once", messages: pairs, perSecond: perSecond, repliesPerSecond: perSecond,
        messagesPerReply: 1, cpuMicros: result.cpu / Double(pairs) * 1e6, residentMB: result.residentMB, mostUnderWay: 0))
  }

  /// One message at a time, each dropped when the one before has long been answered.
  mutating func measureIdle(_ messages: Int) throws {
    let plan = UpstreamPlan(customers: messages, spool: "", follow: 1, end: messages, pause: 0.05)
    let row = try measure("one at a time", plan, files: 1)
    let sync = try Probe.syncs(in: place).latencies.percentiles([0.5])[0]
    bounds.append(
      Bound(
        what: "own time from drop to send, p50 in ms (3 and 4 syncs of \(number(sync, 2)))", value: row.p50 ?? .nan, atMost: 3 + 4 * sync))
  }

  /// As fast as it goes, for 1,000 conversations.
  mutating func measureAnswering(_ messages: Int) throws {
    let customers = 1000
    let closed = UpstreamPlan(customers: customers, spool: "", follow: customers, end: messages)
    let plain = try measure("each writes again when answered", closed, files: customers)
    var reported = closed
    reported.statuses = 2
    let statuses = try measure("the same, two statuses each", reported, files: customers)
    _ = try measure("all wait at the beginning", UpstreamPlan(customers: customers, spool: "", end: messages), files: messages)
    bounds += [
      Bound(what: "messages answered a second, 1,000 conversations, no statuses", value: plain.perSecond, atLeast: 1500),
      Bound(what: "messages answered a second, two statuses each", value: statuses.perSecond, atLeast: 800),
    ]
  }

  /// As many turns at once as are set, all of them waiting for the model.
  mutating func measureFlight(_ turns: Int, delay: Double) throws {
    let plan = UpstreamPlan(customers: turns * 2, delay: delay, spool: "", end: turns * 2)
    let row = try measure(
      "\(turns) turns at once, a model of \(number(delay, 0)) s", plan, files: turns * 2, settings: ["REPLYD_PROCESS_TURNS": "\(turns)"])
    bounds += [
      // The others of as many are just being recorded, or their ends are.
      Bound(what: "\(turns) turns at once: so many were under way", value: Double(row.mostUnderWay), atLeast: Double(turns) * 0.95),
      Bound(what: "\(turns) turns at once: RSS in MB", value: row.residentMB, atMost: 300),
    ]
  }

  /// Files that wait, each of another customer, against the same work with 1,000 that wait.
  mutating func measureWaiting(_ files: [Int]) throws {
    let few = 1000
    let most = 100_000
    let base = try measure(
      "\(few) files wait", UpstreamPlan(customers: most, spool: "", follow: few, end: files.isEmpty ? few : most), files: few)
    for count in files {
      // To the last of them: files are recorded far ahead of the answers, so the first answers would seem to cost much more.
      let row = try measure("\(count) files wait", UpstreamPlan(customers: count, spool: "", end: count), files: count)
      bounds += [
        Bound(what: "\(count) files wait: CPU a message, of the same with \(few)", value: row.cpuMicros / base.cpuMicros, atMost: 1.25),
        Bound(what: "\(count) files wait: RSS in MB, more than with \(few)", value: row.residentMB - base.residentMB, atMost: 64),
      ]
    }
  }

  /// Nothing to do, for `process` and for `serve`.
  mutating func measureRest(seconds: Int) throws {
    // libinotifytools waits for a second at a time, and libdispatch looks at its threads each second. The web server's clock wakes three threads.
    for (command, words, most, timers) in [("process", /processing/, 40.0, 2.0), ("serve", /webhooks come in/, 60.0, 8.0)] {
      tell("\(command) at rest")
      let folder = freshFolder()
      try installed.copy(to: folder)
      // Nobody is asked, so nobody listens there.
      let child = try Child(installed.replyd, [command], in: folder, environment: installed.environment(in: folder, model: 9, graph: 9))
      _ = try child.wait(for: words)
      let now = monotonic()
      guard let begun = Int(try child.wait(for: /begun at ([0-9]+)/).1) else { throw MeasureFailure("\(command) named no beginning") }
      Thread.sleep(forTimeInterval: 2)
      let wakeups = try child.wakeups(seconds: seconds).map(Double.init)
      let row = RestRow(
        name: command, readyMilliseconds: Double(now - begun) / 1e6, residentMB: try child.usage.resident,
        wakeupsPerSecond: wakeups.reduce(0, +) / Double(wakeups.count), wakeupsOfTimers: median(wakeups))
      _ = try child.stop()
      rests.append(row)
      bounds += [
        Bound(what: "\(command) at rest: RSS in MB", value: row.residentMB, atMost: most),
        Bound(what: "\(command) at rest: wake-ups a second, by timers", value: row.wakeupsOfTimers, atMost: timers),
        Bound(what: "\(command): from its start until it works, in ms", value: row.readyMilliseconds, atMost: 200),
      ]
    }
  }

  private mutating func freshFolder() -> String {
    runs += 1
    return "\(place)/\(runs)"
  }

  private mutating func measure(_ name: String, _ plan: UpstreamPlan, files: Int, settings: [String: String] = [:]) throws -> ProcessRow {
    tell("\(name): \(plan.end) messages")
    let run = try ProcessRun(plan, files: files, with: installed, in: freshFolder(), settings: settings)
    let (row, counts) = try run.finish(name)
    rows.append(row)
    if !counts.isClean {
      bounds.append(
        Bound(
          what: "\(name): sent twice, to a stranger, or in no known form",
          value: Double(counts.doubles + counts.strangers + counts.faults), atMost: 0))
    }
    return row
  }
}
