internal import ArgumentParser
internal import Foundation
internal import Glibc

/// How fast webhooks are acknowledged, and what it costs.
struct MeasureReceiving: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    abstract: "Acknowledging webhooks: durable, beside the same route without the store, beside an endpoint that only reads.",
    discussion: """
      Each row is a fresh server in a fresh folder, driven from another process with distinct signed payloads. Pairs at 64 connections are \
      taken in turn, and their ratios' median counts. With a rate, a latency begins when the request was due, sent or not. The folder must \
      be on the disk that is to be measured, with some 30 GB and millions of inodes free; it is removed at the end.
      """)

  @Option(help: "Seconds of each row of the pairs at 64 connections.") var seconds = 30.0
  @Option(help: "Interleaved pairs at 64 connections.") var pairs = 5
  @Option(help: "Seconds of each row at other connections; 0 leaves them out.") var sideSeconds = 10.0
  @Option(help: "Requests of the long run; 0 leaves it out.") var requests = 1_000_000
  @Option(help: "Requests a second of the steady run, as long as a row of a pair; 0 leaves it out.") var rate = 1000.0
  @Option(help: "Slow clients, one byte a second each, beside a normal one; 0 leaves it out.") var slow = 1000
  @Option(help: "Bytes of a body.") var bytes = 1024
  @OptionGroup var place: Place
  @Flag(inversion: .prefixedNo, help: "Some rows on ext4 made fresh on a loop device, too; only root can.") var freshDisk = true
  @Flag(help: "One JSON object with ratio_64, rows and bounds; fresh_disk has the same of the other disk.") var json = false
  @Flag(help: .hidden) var plain = false

  /// What was measured on one disk.
  private struct Table: Codable {
    var fileSystem: String
    var ratio64: Double?
    var rows: [Row] = []
    var bounds: [Bound] = []

    func tell() {
      print("\(ProcessInfo.processInfo.activeProcessorCount) processors; \(fileSystem)\n")
      print(table(Row.heading, rows.map(\.cells)) + "\n")
      for bound in bounds { print(bound.line) }
    }
  }

  private struct Report: Encodable {
    var table: Table
    var freshDisk: Table?

    private enum Key: CodingKey { case freshDisk }

    func encode(to encoder: any Encoder) throws {
      try table.encode(to: encoder)
      var fields = encoder.container(keyedBy: Key.self)
      try fields.encodeIfPresent(freshDisk, forKey: .freshDisk)
    }
  }

  func run() throws {
    try place.measure("receive") { folder, replyd in
      var report = Report(table: try measureTable(in: folder, replyd))
      if plain { return print(String(decoding: try JSONEncoder().encode(report.table), as: UTF8.self)) }
      // Now: whatever happens on the other disk, this was measured.
      if !json {
        report.table.tell()
        fflush(nil)
      }
      report.freshDisk = try measureFreshDisk(under: folder, replyd)
      if json { return try answer(report) }
      guard let fresh = report.freshDisk else { return }
      print("")
      fresh.tell()
    }
  }

  private func measureTable(in folder: String, _ replyd: String) throws -> Table {
    var bench = ReceiveBench(place: folder, replyd: replyd, bytes: bytes)
    var table = Table(fileSystem: Probe.fileSystem(of: folder))
    // Those that look at single latencies first: a kernel that has just made millions of files frees and writes for a long time.
    if rate > 0 { try bench.measureSteady(rate: rate, seconds: seconds) }
    if slow > 0 { try bench.measureSlowClients(slow) }
    if sideSeconds > 0 { try bench.measureSides(seconds: sideSeconds) }
    if pairs > 0 { table.ratio64 = try bench.measurePairs(pairs, seconds: seconds) }
    if requests > 0 { try bench.measureLong(requests: requests) }
    (table.rows, table.bounds) = (bench.rows, bench.bounds)
    return table
  }

  /// A part of it, so much as fits on a small disk; nil where there can be none.
  private func measureFreshDisk(under folder: String, _ replyd: String) throws -> Table? {
    guard freshDisk else { return nil }
    let arguments = [
      "receive", "--plain", "--no-fresh-disk", "--keep", "--replyd", replyd, "--seconds", "\(min(seconds, 20))", "--pairs",
      "\(min(pairs, 3))",
      "--side-seconds", "0", "--requests", "\(min(requests, 300_000))", "--rate", "\(rate)", "--slow", "0", "--bytes", "\(bytes)",
    ]
    guard let text = try FreshDisk(in: folder).run(arguments) else { return nil }
    return try JSONDecoder().decode(Table.self, from: text)
  }
}

/// The rows, one after another.
struct ReceiveBench {
  let place: String
  let replyd: String
  let bytes: Int
  private(set) var rows: [Row] = []
  private(set) var bounds: [Bound] = []
  private var runs = 0

  init(place: String, replyd: String, bytes: Int) {
    (self.place, self.replyd, self.bytes) = (place, replyd, bytes)
  }

  mutating func measureSides(seconds: Double) throws {
    for connections in [1, 16, 256] {
      for kind in MeasuredServer.Kind.allCases { try measure(kind, Load(port: 0, connections: connections, seconds: seconds)) }
    }
  }

  /// The median of the pairs' ratios.
  mutating func measurePairs(_ count: Int, seconds: Double) throws -> Double {
    var (ratios, latencies, refused): ([Double], [Double], Int) = ([], [], 0)
    try measure(.read, Load(port: 0, connections: 64, seconds: min(seconds, 10)))
    for pair in 0..<count {
      let load = Load(port: 0, connections: 64, seconds: seconds)
      // Each goes first as often as the other.
      let isDurableFirst = pair % 2 == 1
      let first = try measure(isDurableFirst ? .durable : .signed, load)
      let second = try measure(isDurableFirst ? .signed : .durable, load)
      let (signed, durable) = isDurableFirst ? (second, first) : (first, second)
      ratios.append(durable.perSecond / signed.perSecond)
      latencies.append(durable.p99)
      refused += durable.refused + durable.failed
    }
    bounds += [
      Bound(
        what: "durable, of the same route without the store, 64 connections, median of \(count) pairs", value: median(ratios), atLeast: 0.7),
      Bound(what: "durable, 64 connections: p99 in ms, median", value: median(latencies), atMost: 20),
      Bound(what: "durable, 64 connections: answers other than 200", value: Double(refused), atMost: 0),
    ]
    return median(ratios)
  }

  mutating func measureSteady(rate: Double, seconds: Double) throws {
    let row = try measure(.durable, Load(port: 0, connections: 64, seconds: seconds, rate: rate), name: "durable, \(Int(rate))/s offered")
    bounds += [
      Bound(what: "\(Int(rate))/s offered: p50 in ms", value: row.p50, atMost: 5),
      Bound(what: "\(Int(rate))/s offered: p99 in ms", value: row.p99, atMost: 50),
    ]
  }

  /// One server from its first request to its last file, beside one thread that makes as many files in one folder and does nothing else.
  mutating func measureLong(requests: Int) throws {
    let server = try start(.durable)
    let load = Load(port: server.port, connections: 64, requests: requests / 10, bytes: bytes, run: 1)
    tell("\(requests) requests")
    let first = try drive(load)
    let early = try server.usage.resident
    var further = load
    (further.requests, further.run) = (requests - requests / 10, 2)
    let second = try drive(further)
    let row = try finish(server, further, second, before: requests / 10, name: "durable, \(requests)")
    rows.append(row)
    let took = first.seconds + second.seconds + (row.rest ?? 0)
    tell("\(requests) files in one thread")
    sync()
    let alone = try Probe.fileRate(in: freshFolder(), count: requests, bytes: bytes)
    bounds += [
      Bound(
        what: "\(requests) requests, files made: of the rate of one thread that only makes files (\(Int(alone))/s)",
        value: Double(requests) / took / alone, atLeast: 0.5),
      Bound(what: "RSS in MB after \(requests) requests, more than after \(requests / 10)", value: row.residentMB - early, atMost: 20),
    ]
  }

  /// A normal client among slow ones.
  mutating func measureSlowClients(_ count: Int, seconds: Double = 30) throws {
    let server = try start(.durable)
    let trickle = Child.process(ownProgram, ["trickle", "\(server.port)", "\(count)", "\(seconds + 5)"])
    try trickle.run()
    defer { trickle.terminate() }
    let load = Load(port: server.port, connections: 4, seconds: seconds, rate: 100, bytes: bytes)
    let row = try finish(server, load, drive(load), name: "durable, \(count) slow clients beside")
    rows.append(row)
    bounds.append(Bound(what: "\(count) slow clients: a normal client's p99 in ms", value: row.p99, atMost: 100))
  }

  private mutating func freshFolder() -> String {
    runs += 1
    return "\(place)/\(runs)"
  }

  private mutating func start(_ kind: MeasuredServer.Kind) throws -> MeasuredServer {
    // What the row before has left to be written is not this row's.
    sync()
    return try MeasuredServer(kind, in: freshFolder(), replyd: replyd)
  }

  @discardableResult
  private mutating func measure(_ kind: MeasuredServer.Kind, _ load: Load, name: String? = nil) throws -> Row {
    let server = try start(kind)
    var load = load
    (load.port, load.bytes) = (server.port, bytes)
    tell("\(name ?? kind.rawValue), \(load.connections) connections")
    let usage = try server.usage
    let result = try drive(load)
    let row = try finish(server, load, result, usage: usage, isDurable: kind == .durable, name: name ?? kind.rawValue)
    rows.append(row)
    return row
  }

  /// Waits for the files, and ends the server; `before` is how many requests it had answered before this load.
  private func finish(
    _ server: MeasuredServer, _ load: Load, _ result: LoadResult, usage: Child.Usage? = nil, before: Int = 0,
    isDurable: Bool = true, name: String
  ) throws -> Row {
    let end = monotonic()
    let resident = try server.usage.resident
    let files = isDurable ? server.files : nil
    if isDurable { try server.waitForFiles(result.kept + before) }
    let rest = Double(monotonic() - end) / 1e9
    let cpu = try server.usage.cpu - (usage?.cpu ?? 0)
    let counts = try server.stop()
    return Row(
      name: name, connections: load.connections, perSecond: result.rate, p50: result.p50, p99: result.p99, p999: result.p999,
      cpuMicros: cpu / Double(max(1, result.requests + before)) * 1e6, residentMB: resident,
      syncsPerRequest: counts.map { Double($0.syncs) / Double(max(1, $0.payloads)) },
      syncsPerSecond: isDurable ? try Probe.syncs(in: server.folder).perSecond : nil, refused: result.refused, failed: result.failed,
      filesAtEnd: files, rest: isDurable ? rest : nil)
  }
}
