internal import Foundation
internal import Glibc

/// OpenAI and Meta on two ports and in one thread: canned answers that cost next to nothing, every request checked, counted and timed.
final class Upstreams {
  private final class Line {
    let socket: Socket
    /// What has come of a request that is not whole.
    var input: [UInt8] = []
    /// When its first byte came.
    var since = 0

    init(_ socket: Socket) { self.socket = socket }
  }

  private enum Task {
    case reply(number: Int, count: Int, since: Int, to: Line)
    case drop(Int)
  }

  /// Tasks that all wait equally long are due in the order in which they came.
  private struct Wait {
    let length: Int
    var tasks: [(due: Int, task: Task)] = []
    var head = 0

    mutating func next(at now: Int) -> Task? {
      guard head < tasks.count, tasks[head].due <= now else { return nil }
      defer {
        head += 1
        if head == tasks.count { (tasks, head) = ([], 0) }
      }
      return tasks[head].task
    }
  }

  let model: Listener
  let graph: Listener
  private let plan: UpstreamPlan
  private let poll: Poll
  private var book: UpstreamBook
  private var drop: PayloadDrop
  private var lines: [Int: Line] = [:]
  private var lastTag = 1
  private var delay: Wait
  private var pause: Wait
  /// Statuses to be dropped once those that wait for an answer have one.
  private var statuses: [(mark: UInt64, phone: Int, callback: [UInt8])] = []
  private var input = [UInt8](repeating: 0, count: 256 << 10)
  private var reply = Stencil(answer: Canned.reply)
  private var accepted = Stencil(answer: Canned.accepted)

  init(_ plan: UpstreamPlan) throws {
    self.plan = plan
    (model, graph, poll) = (try Listener(), try Listener(), try Poll())
    book = UpstreamBook(customers: plan.customers)
    drop = try PayloadDrop(spool: plan.spool)
    (delay, pause) = (Wait(length: Int(plan.delay * 1e9)), Wait(length: Int(plan.pause * 1e9)))
    try poll.add(model.number, tag: 0)
    try poll.add(graph.number, tag: 1)
  }

  /// Serves until the process is ended.
  func run() throws {
    while true {
      let tags = poll.wait(nanoseconds: idleTime)
      let now = monotonic()
      for tag in tags {
        if tag < 2 { try accept(tag == 0 ? model : graph) } else { try read(tag, now) }
      }
      while let task = delay.next(at: monotonic()) ?? pause.next(at: monotonic()) { try perform(task) }
      try dropStatuses()
    }
  }

  private var idleTime: Int {
    let due = [delay, pause].compactMap { $0.head < $0.tasks.count ? $0.tasks[$0.head].due : nil }.min()
    return due.map { max(0, $0 - monotonic()) } ?? 1_000_000_000
  }

  private func accept(_ listener: Listener) throws {
    while let socket = listener.accept() {
      lastTag += 1
      lines[lastTag] = Line(socket)
      try poll.add(socket.number, tag: lastTag)
    }
  }

  private func read(_ tag: Int, _ now: Int) throws {
    guard let line = lines[tag] else { return }
    let count = input.withUnsafeMutableBytes { recv(line.socket.number, $0.baseAddress, $0.count, 0) }
    if count < 0, errno == EAGAIN { return }
    guard count > 0 else {
      lines[tag] = nil
      return
    }
    if line.input.isEmpty { line.since = now }
    line.input.append(contentsOf: input.prefix(count))
    while let length = line.input.withUnsafeBytes({ UpstreamRequest.length(in: $0) }) {
      let request = line.input.withUnsafeBytes { UpstreamRequest(UnsafeRawBufferPointer(rebasing: $0.prefix(length))) }
      line.input.removeFirst(length)
      try take(request, on: line)
    }
  }

  private func take(_ request: UpstreamRequest, on line: Line) throws {
    switch request {
    case .ask(let number, let count):
      book.asked()
      try begin(.reply(number: number, count: count, since: line.since, to: line), after: \.delay)
    case .send(let send):
      book.sent(send, at: line.since)
      accepted.fill("phone", send.phone)
      accepted.fill("mark", ~send.number.scattered)
      answer(line, accepted.bytes)
      if plan.statuses > 0 { statuses.append((~send.number.scattered, send.phone, send.callback)) }
      if plan.follow > 0, send.number + plan.follow < plan.end { try begin(.drop(send.number + plan.follow), after: \.pause) }
    case .count:
      let text = String(decoding: try JSONEncoder().encode(book.report), as: UTF8.self)
      answer(line, Stencil(answer: text).bytes)
    case .senseless:
      book.fault()
      answer(line, Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8))
    }
  }

  private func begin(_ task: Task, after wait: ReferenceWritableKeyPath<Upstreams, Wait>) throws {
    let length = self[keyPath: wait].length
    guard length > 0 else { return try perform(task) }
    self[keyPath: wait].tasks.append((monotonic() + length, task))
  }

  private func perform(_ task: Task) throws {
    switch task {
    case .reply(let number, let count, let since, let line):
      reply.fill("number", number)
      reply.fill("count", count)
      reply.fill("mark", number.scattered)
      answer(line, reply.bytes)
      book.replied(to: number, after: monotonic() - since)
    case .drop(let number):
      book.dropped(number, at: try drop.drop(number, of: plan.customers))
    }
  }

  private func dropStatuses() throws {
    for (mark, phone, callback) in statuses {
      for word in PayloadDrop.words.prefix(plan.statuses) {
        try drop.dropStatus(word, mark: mark, phone: phone, callback: callback)
        book.statusDropped()
      }
    }
    statuses = []
  }

  private func answer(_ line: Line, _ bytes: [UInt8]) {
    // A socket of loopback takes an answer whole, or nobody is there any more, who then asks again.
    if !line.socket.send(bytes) { book.fault() }
  }
}
