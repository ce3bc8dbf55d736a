import NIOCore
import NIOHTTP1

/// Watches the bytes and the time of one connection.
///
/// It stands next to the socket, so that it sees what is not yet a request, and can have the last word. On its event loop only.
final class ConnectionWatch: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Phase {
    /// For a request.
    case waiting(since: NIODeadline)
    case head(since: NIODeadline)
    case body(BodyTime)
    /// It is our turn.
    case working
    /// The last answer is being written.
    case ending(since: NIODeadline)
    /// The last word is said; what comes is read and dropped, so that the client sees that word.
    case lingering(since: NIODeadline, bytes: Int)
    case over
  }

  /// How a body comes.
  struct BodyTime {
    /// Its time is over then, but for what the bytes that came have earned.
    var until: NIODeadline
    var bytes = 0
    /// When the last piece was whole, or the body began.
    private(set) var pacedAt: NIODeadline

    init(_ limits: Limits, from now: NIODeadline = .now()) {
      (until, pacedAt) = (now + limits.bodyTime, now)
    }

    mutating func add(_ count: Int, _ limits: Limits) {
      let pieces = bytes / limits.bodyPace
      bytes += count
      if bytes / limits.bodyPace > pieces { pacedAt = .now() }
    }

    func end(_ limits: Limits) -> NIODeadline {
      min(until + limits.bodyBonus * (bytes / limits.bodyPace), pacedAt + limits.stallTime)
    }
  }

  var phase = Phase.waiting(since: .now())
  /// Whether the request under way has an answer, or a part of it.
  var hasAnswer = false
  weak var requests: RequestGuard?
  /// Who has opened the connection.
  private(set) var remote: IPAddress?
  /// What has come of the first line of the request, in bytes.
  private(set) var lineBytes = 0

  private let defence: Defence
  private let receipts: @Sendable (Receipt) -> Void
  private var hasLine = false
  private var isCounted = false
  private var household: UInt128?
  private var unreadSince: NIODeadline?
  private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?
  private var context: ChannelHandlerContext?

  init(defence: Defence, receipts: @escaping @Sendable (Receipt) -> Void) {
    (self.defence, self.receipts) = (defence, receipts)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    leave()
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    remote = IPAddress(context.remoteAddress)
    household = defence.household(connectingFrom: remote)
    isCounted = defence.connections.take(1, for: household)
    context.fireChannelActive()
    guard isCounted else {
      tell(.crowded, from: remote)
      receipts(RequestRefusal.crowded.receipt(requestID: RequestRefusal.freshID(), peer: remote))
      phase = .over
      return context.close(promise: nil)
    }
    phase = .waiting(since: .now())
    arm()
  }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  private func leave() {
    if isCounted { defence.connections.giveBack(1, of: household) }
    isCounted = false
    phase = .over
    timer?.task.cancel()
    timer = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch phase {
    case .waiting:
      phase = .head(since: .now())
      (lineBytes, hasLine) = (0, false)
      measureLine(unwrapInboundIn(data))
    case .head where !hasLine: measureLine(unwrapInboundIn(data))
    case .head, .body, .working: break
    case .lingering(let since, let bytes):
      let read = bytes + unwrapInboundIn(data).readableBytes
      phase = .lingering(since: since, bytes: read)
      if read > defence.limits.refusedBytes { close() }
      return
    case .ending, .over: return
    }
    context.fireChannelRead(data)
  }

  private func measureLine(_ bytes: ByteBuffer) {
    let view = bytes.readableBytesView
    let end = view.firstIndex(of: UInt8(ascii: "\n"))
    hasLine = end != nil
    lineBytes += (end ?? view.endIndex) - view.startIndex
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // Here and not at each byte: a request that came whole in one read has set no timer.
    arm()
    if case .lingering = phase { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .lingering = phase, event as? ChannelEvent == .inputClosed { return close() }
    if event is ChannelShouldQuiesceEvent, case .body(var body) = phase {
      // The server ends, and nobody may make it wait long.
      (body.until, body.bytes) = (min(body.until, .now() + defence.limits.lastTime), 0)
      phase = .body(body)
      arm()
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    unreadSince = context.channel.isWritable ? nil : .now()
    context.fireChannelWritabilityChanged()
    arm()
  }

  // MARK: Its end

  var isOver: Bool {
    switch phase {
    case .ending, .lingering, .over: true
    case .waiting, .head, .body, .working: false
    }
  }

  /// The request under way is done with.
  func awaitNext() {
    phase = .waiting(since: .now())
    hasAnswer = false
  }

  /// Refuses what is under way, and ends the connection; without a word when an answer has already begun.
  func end(with refusal: RequestRefusal) {
    guard let context, !isOver else { return }
    let requestID = RequestRefusal.freshID()
    switch phase {
    case .waiting, .head:
      tell(refusal, from: remote)
      receipts(refusal.receipt(requestID: requestID, peer: remote, took: headTime))
    // A route has it, and its receipt.
    case .body, .working, .ending, .lingering, .over: tell(refusal, from: requests?.sender)
    }
    guard !hasAnswer else { return close() }
    context.writeAndFlush(wrapOutboundOut(refusal.lastWord(requestID: requestID)), promise: nil)
    linger(after: refusal)
  }

  /// How long the header under way has taken so far.
  private var headTime: TimeAmount? {
    if case .head(let since) = phase { .now() - since } else { nil }
  }

  /// Refuses a request by its header, with its receipt; the answer is the caller's.
  func refuse(_ refusal: RequestRefusal, requestID: String, _ head: HTTPRequestHead) {
    let sender = requests?.sender
    tell(refusal, from: sender)
    guard Webhook.isCalled(by: head.uri) else { return }
    let signature = head.headers.first(name: WebhookSignature.headerName)
    receipts(refusal.receipt(requestID: requestID, peer: sender, signature: signature, took: .zero))
  }

  private func tell(_ refusal: RequestRefusal, from sender: IPAddress?) {
    guard let count = defence.tally.count(refusal.reason) else { return }
    refusal.log(count: count, from: sender, to: defence.logger)
  }

  /// Says nothing more, and gives the client time to hear what was said: a close with bytes unread would take it away.
  func linger(after refusal: RequestRefusal? = nil) {
    guard let context else { return }
    switch phase {
    case .lingering, .over: return
    case .waiting, .head, .body, .working, .ending: break
    }
    phase = .lingering(since: .now(), bytes: 0)
    context.close(mode: .output, promise: nil)
    requests?.endInput(after: refusal)
    arm()
    context.read()
  }

  func close() {
    phase = .over
    context?.close(promise: nil)
  }

  // MARK: Its time

  /// When the patience ends; nil while we are the ones who are waited for.
  private var deadline: NIODeadline? {
    let limits = defence.limits
    let phaseEnd: NIODeadline?
    switch phase {
    case .waiting(let since): phaseEnd = since + limits.idleTime
    case .head(let since): phaseEnd = since + limits.headTime
    case .body(let body): phaseEnd = body.end(limits)
    case .ending(let since): phaseEnd = since + limits.unreadTime
    case .lingering(let since, _): phaseEnd = since + limits.lingerTime
    case .working, .over: phaseEnd = nil
    }
    guard let unreadSince else { return phaseEnd }
    return min(phaseEnd ?? .distantFuture, unreadSince + limits.unreadTime)
  }

  /// One timer a connection: moved forward at once, backward only when it fires.
  func arm() {
    guard let context, let deadline, timer.map({ deadline < $0.deadline }) ?? true else { return }
    timer?.task.cancel()
    timer = (deadline, context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.fire() })
  }

  private func fire() {
    timer = nil
    guard let deadline, NIODeadline.now() >= deadline else { return arm() }
    switch phase {
    case .head, .body: end(with: .tooSlow)
    case .waiting, .working, .ending, .lingering, .over: close()
    }
  }
}
