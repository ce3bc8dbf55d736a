import HTTPTypes
import Hummingbird
import NIOCore

/// Brings HTTP requests to a desk, and does on the connection what it says.
struct StandInResponder: HTTPResponder {
  let desk: any StandInDesk
  /// Fulfilled when the server stops listening: nobody may keep it from ending by a fault that waits.
  let stopped: Promised<Void>

  func respond(to request: Request, context: StandInContext) async throws -> Response {
    var request = request
    let body: [UInt8]?
    do {
      body = Array(buffer: try await request.collectBody(upTo: desk.bodyLimit))
    } catch is NIOTooManyBytesError {
      body = nil
    }
    let call = Self.call(request, body: body ?? [])
    if call.path == "/simulator" || call.path.hasPrefix("/simulator/") { return Self.response(desk.control(call)) }
    let act = body == nil ? desk.refuseBody(of: call) : desk.act(on: call)
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

  private static func call(_ request: Request, body: [UInt8]) -> StandInCall {
    StandInCall(
      method: request.method.rawValue,
      path: request.uri.path,
      query: Dictionary(request.uri.queryParameters.map { (String($0.key), String($0.value)) }) { _, last in last },
      headers: Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { _, last in last },
      body: body
    )
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
