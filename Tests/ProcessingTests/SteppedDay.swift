import Foundation
import NIOConcurrencyHelpers
import Recording
import Sending
import Simulating
import Spooling
import Testing
import Transferring

@testable import Processing

/// The real processor before the real stand-in for Graph, and one clock for both that jumps to whatever is due next: hours in a moment.
///
/// The clock stands still while anything is under way, so that what leaves leaves at its time exactly.
struct SteppedDay: Sendable {
  struct Send: Hashable, Sendable {
    /// In seconds from when the day began.
    let at: TimeInterval
    let phone: String
    /// The platform's code.
    let refusal: Int?
  }

  private struct State {
    var sends: [Send] = []
    var mail: [[UInt8]] = []
    var delivered = 0
  }

  let place: Installation
  let clock: HandClock
  let start: Date
  private let graphURL: String
  private let transferrer: Transferrer
  private let state: NIOLockedValueBox<State>

  /// Lives one; `limits` is what the stand-in refuses as too much, `statuses` what it reports of each message.
  static func with(
    credits: Int, limits: GraphLimits? = nil, statuses: [String] = [], _ body: (SteppedDay) async throws -> Void
  ) async throws {
    try await withInstallation(credits: credits) { place in
      let (clock, state) = (HandClock(), NIOLockedValueBox(State()))
      var options = GraphStandIn.Options(statuses: statuses, now: { clock.now }) { body in
        state.withLockedValue { state in
          state.mail.append(body)
          state.delivered += 1
        }
      }
      options.limits = limits
      let standIn = GraphStandIn(options)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await standIn.run() }
        let transferrer = try Transferrer()
        defer { transferrer.close() }
        try await body(
          SteppedDay(
            place: place, clock: clock, start: clock.now, graphURL: try await standIn.url, transferrer: transferrer, state: state))
        group.cancelAll()
      }
    }
  }

  var sends: [Send] { state.withLockedValue(\.sends) }

  /// A processor that sends to the stand-in; `answered` is told of whom a message was taken for, before the processor is.
  func processor(
    _ adjust: (inout Processor.Options) -> Void = { _ in }, answered: @escaping @Sendable (String) -> Void = { _ in }
  ) -> Processor {
    let whatsApp = WhatsAppSender(transferrer: transferrer, graphURL: graphURL)
    let sender = SenderDouble { [self] message, address, token in
      let (time, phone) = (clock.now.timeIntervalSince(start), message.to.phone ?? "")
      let outcome = await whatsApp.send(message, from: address, token: token)
      var refusal: Int?
      if case .refused(let why) = outcome { refusal = why.code }
      state.withLockedValue { $0.sends.append(Send(at: time, phone: phone, refusal: refusal)) }
      if case .accepted = outcome { answered(phone) }
      return outcome
    }
    return place.processor(sender: sender, clock: clock, uptime: clock, adjust)
  }

  /// Lets a processor work until nothing is due any more, or that time has come.
  func run(_ processor: Processor, until end: TimeInterval = 86_400) async throws {
    let work = Task { try await processor.run() }
    defer { work.cancel() }
    while true {
      guard let idle = try await idle() else {
        try await Task.sleep(for: .milliseconds(1))
        continue
      }
      guard let due = idle.due, due.timeIntervalSince(start) < end else { break }
      clock.set(due)
      processor.bell.ring()
    }
    work.cancel()
    try await work.value
  }

  /// Lets a processor work until nothing is due for a while.
  func runOnce(_ processor: Processor) async throws {
    let isOver = NIOLockedValueBox(false)
    let work = Task {
      defer { isOver.withLockedValue { $0 = true } }
      return try await processor.runOnce()
    }
    while !isOver.withLockedValue({ $0 }) {
      // What is further ahead it does not wait for.
      if let idle = try await idle(), let due = idle.due, due.timeIntervalSince(clock.now) <= 5 {
        clock.set(due)
        processor.bell.ring()
      } else {
        try await Task.sleep(for: .milliseconds(1))
      }
    }
    _ = try await work.value
  }

  /// What is there, and when something is due next; nil while something is under way.
  private func idle() async throws -> Standing? {
    let before = try await standing()
    guard before.leased == 0, before.due.map({ $0 > clock.now }) ?? true else { return nil }
    // Where it is not there, it is not there yet or not any more.
    let owners = (try? FileManager.default.contentsOfDirectory(atPath: place.spool.path + "/active")) ?? []
    for folder in ["incoming"] + owners.map({ "active/\($0)" }) {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: place.spool.path + "/" + folder)) ?? []
      guard names.allSatisfy({ !$0.hasSuffix(".json") }) else { return nil }
    }
    // What was a file then may have been recorded before the folders were looked at.
    return try await standing() == before ? before : nil
  }

  private struct Standing: Hashable {
    let leased: Int
    let due: Date?
    let messages: Int
  }

  private func standing() async throws -> Standing {
    try await place.ledger.read { transaction throws(LedgerError) in
      Standing(
        leased: try transaction.conversations.owners().count,
        due: try transaction.conversations.nextDue(),
        messages: try transaction.query("SELECT count(*) AS messages FROM message", []).first?.integer("messages") ?? 0)
    }
  }

  func due() async throws -> Date? {
    try await place.ledger.read { transaction throws(LedgerError) in try transaction.conversations.nextDue() }
  }

  /// What the stand-in has reported of all that it took, since the last time; waits for what is still to come.
  func statuses() async throws -> [String] {
    let accepted = sends.count { $0.refusal == nil }
    while state.withLockedValue(\.delivered) < accepted { try await Task.sleep(for: .milliseconds(1)) }
    return state.withLockedValue { state in
      defer { state.mail = [] }
      return state.mail.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// Orders a fault from the stand-in.
  func arm(_ fault: String) async throws {
    let header = TransferRequest.Header("content-type", "application/json")
    let answer = try await transferrer.transfer(
      TransferRequest(method: .post, url: graphURL + "/simulator/faults", headers: [header], body: Array(fault.utf8), timeout: .seconds(30))
    )
    try #require((200..<300).contains(answer.status), "\(String(decoding: answer.body, as: UTF8.self))")
  }
}
