import HTTPTypes
import Hummingbird
import NIOCore

/// Brings HTTP requests to the desk or to the simulator's own endpoints, and does on the connection what they say.
struct GraphResponder: HTTPResponder {
  /// Bodies over this are refused; a message is a few kilobytes.
  private static let bodyLimit = 1 << 20

  let desk: GraphDesk
  let control: SimulatorControl
  /// Fulfilled when the server stops listening: nobody may keep it from ending by a fault that waits.
  let stopped: Promised<Void>

  func respond(to request: Request, context: StandInContext) async throws -> Response {
    var request = request
    let body: [UInt8]?
    do {
      body = Array(buffer: try await request.collectBody(upTo: Self.bodyLimit))
    } catch is NIOTooManyBytesError {
      body = nil
    }
    let path = request.uri.path
    if path == "/simulator" || path.hasPrefix("/simulator/") {
      let query = Dictionary(request.uri.queryParameters.map { (String($0.key), String($0.value)) }) { _, last in last }
      return Self.response(control.answer(method: request.method.rawValue, path: path, query: query, body: body ?? []))
    }
    let act = act(on: request, path: path, body: body)
    if act.delay > .zero { await pause(act.delay) }
    switch act.ending {
    case .answer(let answer): return Self.response(answer)
    case .cutAnswer(let answer): return Self.cutResponse(answer, context: context)
    case .hangUp: break
    case .hang: await hang(request)
    }
    await context.hangUp()
    // Goes nowhere: the connection has ended.
    return Response(status: .internalServerError)
  }

  private func act(on request: Request, path: String, body: [UInt8]?) -> GraphDesk.Act {
    let call = GraphCall(
      method: request.method.rawValue,
      path: path,
      contentType: request.headers[.contentType],
      authorization: request.headers[.authorization],
      body: body ?? []
    )
    guard body != nil else { return desk.refuse(.unreadable("The body is over \(Self.bodyLimit) bytes"), call: call) }
    return desk.act(on: call)
  }

  /// Waits until the client goes or the server stops.
  private func hang(_ request: Request) async {
    // Ends by an error when the client goes, which is what is waited for.
    try? await request.body.consumeWithCancellationOnInboundClose { [stopped] body in
      // The body comes once more; unread, it would hold back the news that the client is gone, and its stream traps.
      for try await _ in body {}
      _ = await stopped.value
    }
  }

  private func pause(_ delay: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      // Cancelled when the other is first, and then nobody waits for it.
      group.addTask { try? await Task.sleep(for: delay) }
      group.addTask { [stopped] in _ = await stopped.value }
      await group.next()
      group.cancelAll()
    }
  }

  private static func response(_ answer: StandInAnswer) -> Response {
    Response(status: .init(code: answer.status), headers: headers(answer), body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
  }

  /// Announces the whole body, writes half of it, and ends the connection.
  private static func cutResponse(_ answer: StandInAnswer, context: StandInContext) -> Response {
    var headers = headers(answer)
    headers[.contentLength] = String(max(answer.body.count, 2))
    let half = ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2))
    return Response(
      status: .init(code: answer.status),
      headers: headers,
      body: ResponseBody { writer in
        try await writer.write(half)
        await context.hangUp()
      }
    )
  }

  private static func headers(_ answer: StandInAnswer) -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) {
      guard let name = HTTPField.Name(name) else { continue }
      fields[name] = value
    }
    return fields
  }
}
