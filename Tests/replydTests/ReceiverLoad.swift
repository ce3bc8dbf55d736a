import Foundation
import NIOConcurrencyHelpers
import Receiving
import Testing
import Transferring

/// Webhooks under way to receivers that may die, and what became of each of them.
///
/// A payload is known by its signature: whatever has other bytes has another one.
final class ReceiverLoad: Sendable {
  struct Tally: Sendable {
    var sent: Set<String> = []
    var acknowledged: Set<String> = []
    var refused = 0
    /// Requests that got no answer.
    var cut = 0
    /// Answers that are neither 200 nor 503 with Retry-After.
    var odd: [String] = []
  }

  private struct State {
    var tally = Tally()
    var isOver = false
    /// Called at once when so many are acknowledged.
    var due: (count: Int, act: @Sendable () -> Void)?
  }
  private let state = NIOLockedValueBox(State())
  private let transferrer: Transferrer

  private static let signature = WebhookSignature(secret: Site.appSecret)
  /// White space in no order, to make payloads longer that stay JSON.
  private static let padding: [UInt8] = {
    var dice = SeededGenerator(seed: 1)
    return (0..<(1 << 20)).map { _ in [0x20, 0x09, 0x0A, 0x0D][Int(dice.next() % 4)] }
  }()

  init(_ transferrer: Transferrer) { self.transferrer = transferrer }

  var tally: Tally { state.withLockedValue(\.tally) }
  var acknowledged: Int { state.withLockedValue { $0.tally.acknowledged.count } }
  var refused: Int { state.withLockedValue { $0.tally.refused } }

  static func mark(of payload: [UInt8]) -> String { signature.header(for: payload) }

  /// Whether the senders go on; they look before each payload.
  var isOver: Bool {
    get { state.withLockedValue(\.isOver) }
    set { state.withLockedValue { ($0.isOver, $0.due) = (newValue, nil) } }
  }

  /// Calls `act` with the acknowledgement that is number `count`, before its sender does anything else; not when all is over before.
  func at(acknowledgement count: Int, _ act: @escaping @Sendable () -> Void) {
    state.withLockedValue { $0.due = (count, act) }
  }

  /// Sends one payload after the other until the receiver is gone, or all are told to end.
  ///
  /// - Parameters:
  ///   - url: Of a receiver.
  ///   - largest: Bytes beyond those of a text message; most have much less.
  ///   - seed: Of their bytes.
  func send(to url: String, largest: Int = 4096, seed: UInt64) async {
    var dice = SeededGenerator(seed: seed)
    while !isOver {
      let isLarge = dice.next() % 4 == 0
      let count = Int.random(in: 0...(isLarge ? largest : min(largest, 1024)), using: &dice)
      let start = Int.random(in: 0...(Self.padding.count - count), using: &dice)
      let payload = Workplace.payload("hello", from: "\(15_550_200_000 + dice.next() % 1000)") + Self.padding[start..<start + count]
      guard await post(payload, to: url) != nil else { return }
    }
  }

  /// Sends one payload and notes what came of it; nil when no answer came.
  @discardableResult
  func post(_ payload: [UInt8], to url: String, headers: [TransferRequest.Header] = []) async -> Int? {
    let mark = Self.mark(of: payload)
    state.withLockedValue { _ = $0.tally.sent.insert(mark) }
    let request = TransferRequest(
      method: .post, url: url + Webhook.path, headers: [TransferRequest.Header(WebhookSignature.headerName, mark)] + headers, body: payload,
      timeout: .seconds(60))
    // No answer is an answer here: the receiver has been killed.
    let answer = try? await transferrer.transfer(request)
    let act = state.withLockedValue { state -> (@Sendable () -> Void)? in
      switch answer?.status {
      case nil: state.tally.cut += 1
      case 200: state.tally.acknowledged.insert(mark)
      case 503 where answer?.header("retry-after").flatMap { Int($0) } ?? 0 > 0: state.tally.refused += 1
      case .some(let status): state.tally.odd.append("\(status) \(String(decoding: answer?.body ?? [], as: UTF8.self).prefix(200))")
      }
      guard let due = state.due, state.tally.acknowledged.count >= due.count else { return nil }
      state.due = nil
      return due.act
    }
    act?()
    return answer?.status
  }
}
