import NIOCore
import NIOHTTP1

/// Lets the requests of one connection through, one at a time, or refuses them.
///
/// It also ends connections in time: after an answer that the client wants to be the last, and after one that came before the body was
/// read, when there is too much of that. On its event loop only.
final class RequestGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// Who has sent the request, as far as the proxies are believed.
  private(set) var sender: IPAddress?

  private let watch: ConnectionWatch
  private let defence: Defence
  private var context: ChannelHandlerContext?

  // Of the request that is under way:
  private var version = HTTPVersion.http1_1
  private var isHead = false
  /// Of the body, still to come; nil when only its end will tell.
  private var left: Int? = 0
  private var isWhole = false
  /// Whether nothing of it goes on to a route.
  private var isRefused = false
  private var isAnswered = false
  /// Whether the client may be waiting for leave to send the body.
  private var isHeldBack = false
  private var isLast = false
  private var isCounted = false
  private var hasInputEnded = false

  /// HTTP/1.0 knows no leave, no chunks, and no next request unless it is asked for.
  private var isOld: Bool { version.minor == 0 }

  init(watch: ConnectionWatch, defence: Defence) {
    (self.watch, self.defence) = (watch, defence)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    giveBack()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    giveBack()
    context.fireChannelInactive()
  }

  private func giveBack() {
    if isCounted { defence.requests.giveBack(1) }
    isCounted = false
  }

  // MARK: The request

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !watch.isOver else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context, data)
    case .body(let bytes):
      if case .body(var body) = watch.phase {
        body.add(bytes.readableBytes, defence.limits)
        watch.phase = .body(body)
      }
      left = left.map { $0 - bytes.readableBytes }
      if !isRefused { context.fireChannelRead(data) }
    case .end: end(context, data)
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ data: NIOAny) {
    let outline = RequestOutline(head)
    (version, isHead, left) = (head.version, head.method == .HEAD, outline.length)
    (isWhole, isRefused, isAnswered, watch.hasAnswer) = (false, false, false, false)
    isHeldBack = outline.hasBody && outline.expectation != nil && !isOld
    isLast = !head.isKeepAlive || outline.endsHTTP
    sender = watch.remote.map { defence.proxies.sender(of: $0, forwarded: outline.forwarded) }
    watch.phase = .body(ConnectionWatch.BodyTime(defence.limits))
    if let refusal = refusal(of: head, outline) { return refuse(refusal, head, context) }
    // Who announces too much gets the answer instead, and need not send it.
    if isHeldBack, (outline.length ?? 0) <= Webhook.largest {
      isHeldBack = false
      context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: version, status: .continue))), promise: nil)
    }
    context.fireChannelRead(data)
  }

  private func refusal(of head: HTTPRequestHead, _ outline: RequestOutline) -> RequestRefusal? {
    if let sender, let wait = defence.throttle?.wait(of: sender) { return .tooMany(wait: wait) }
    if head.uri.utf8.count > defence.limits.uriBytes { return .uriTooLong }
    if outline.isCoded { return .coded }
    if defence.requests.left <= 0 { return .overloaded }
    if let expectation = outline.expectation, expectation != "100-continue", !isOld { return .expectationUnknown }
    return nil
  }

  private func end(_ context: ChannelHandlerContext, _ data: NIOAny) {
    isWhole = true
    if isAnswered {
      watch.awaitNext()
    } else {
      watch.phase = .working
      // It has been let in; a slow body may have come when others took the last places.
      defence.requests.force(1)
      isCounted = true
    }
    if !isRefused { context.fireChannelRead(data) }
  }

  private func refuse(_ refusal: RequestRefusal, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let requestID = RequestRefusal.freshID()
    watch.refuse(refusal, requestID: requestID, head)
    isRefused = true
    let (headers, body) = refusal.answer(requestID: requestID)
    send(.head(HTTPResponseHead(version: version, status: refusal.status, headers: headers)), context)
    send(.body(.byteBuffer(body)), context)
    send(.end(nil), context)
    context.flush()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
    switch error {
    // The input has ended in the middle of a request: the route knows better what is missing.
    case .invalidEOFState: context.fireErrorCaught(error)
    case .headerOverflow: watch.end(with: watch.lineBytes > defence.limits.uriBytes ? .uriTooLong : .headTooLarge)
    default: watch.end(with: .malformed)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent == .inputClosed { hasInputEnded = true }
    context.fireUserInboundEventTriggered(event)
  }

  /// Lets nobody wait for more of the request; by an error, for by a plain end a part of a body may look like the whole.
  func endInput(after refusal: RequestRefusal?) {
    context?.fireErrorCaught(refusal?.parserError ?? .invalidEOFState)
  }

  // MARK: The answer

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    // The last word was said: that of the route comes too late, and that is nobody's error.
    guard !watch.isOver else { return promise?.succeed(()) ?? () }
    send(unwrapOutboundIn(data), data, context, promise)
  }

  private func send(_ part: HTTPServerResponsePart, _ context: ChannelHandlerContext) {
    send(part, wrapOutboundOut(part), context, nil)
  }

  /// `data` is the part, already wrapped: what is not changed is not wrapped again.
  private func send(_ part: HTTPServerResponsePart, _ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    switch part {
    case .head(let head) where head.status.code >= 200:
      watch.hasAnswer = true
      context.write(framed(head).map { wrapOutboundOut(.head($0)) } ?? data, promise: promise)
    case .end:
      isAnswered = true
      finish(data, context, promise)
    // What follows the head of an answer to HEAD would be taken for the next answer.
    case .body where isHead: promise?.succeed()
    case .head, .body: context.write(data, promise: promise)
    }
  }

  /// With what the version of the client needs, and with a warning when it is the last; nil when that is what it is.
  private func framed(_ head: HTTPResponseHead) -> HTTPResponseHead? {
    let isEndless = isOld && !head.headers.contains(name: "content-length")
    let isUnread = !isWhole && (isHeldBack || (left ?? .max) > defence.limits.refusedBytes)
    isLast = isLast || isEndless || isUnread || hasInputEnded
    guard isLast || isOld else { return nil }
    var head = head
    head.version = version
    head.headers.replaceOrAdd(name: "connection", value: isLast ? "close" : "keep-alive")
    return head
  }

  private func finish(_ end: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    giveBack()
    guard isLast else {
      // Before it is written, for the next request may come out of that call.
      if isWhole { watch.awaitNext() }
      context.write(end, promise: promise)
      return watch.arm()
    }
    let written = promise ?? context.eventLoop.makePromise()
    watch.phase = .ending(since: .now())
    let isWhole = isWhole
    written.futureResult.assumeIsolated().whenComplete { _ in
      if isWhole { self.watch.close() } else { self.watch.linger() }
    }
    context.write(end, promise: written)
    watch.arm()
  }
}
