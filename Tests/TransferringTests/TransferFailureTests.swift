import Testing
import Transferring

@Suite(.timeLimit(.minutes(1))) struct TransferFailureTests {
  private func failure(of request: TransferRequest, by transferrer: Transferrer) async -> TransferError? {
    do {
      let answer = try await transferrer.transfer(request)
      Issue.record("answered \(answer.status)")
      return nil
    } catch {
      return error
    }
  }

  @Test func `a POST whose used connection dies is written once`() async throws {
    try await withServer({ $0.number == 1 ? .ok() : .hangUp }) { server, transferrer in
      let request = TransferRequest(method: .post, url: server.url, body: [1, 2, 3])
      _ = try await transferrer.transfer(request)
      let error = await failure(of: request, by: transferrer)
      #expect(error?.reason == "transfer.cut")
      #expect(server.requests.map(\.connection) == [1, 1])
    }
  }

  @Test func `a POST without a body whose connection dies is written once`() async throws {
    try await withServer({ $0.head.hasPrefix("GET") ? .ok() : .hangUp }) { server, transferrer in
      _ = try await transferrer.transfer(TransferRequest(method: .get, url: server.url))
      let error = await failure(of: TransferRequest(method: .post, url: server.url), by: transferrer)
      #expect(error?.reason == "transfer.cut")
      #expect(server.requests.map { $0.head.prefix(4) } == ["GET ", "POST"])
    }
  }

  @Test func `a DELETE with a body whose used connection dies is written once`() async throws {
    try await withServer({ $0.number == 1 ? .ok() : .hangUp }) { server, transferrer in
      let request = TransferRequest(method: .delete, url: server.url, body: [1])
      _ = try await transferrer.transfer(request)
      #expect(await failure(of: request, by: transferrer)?.reason == "transfer.cut")
      #expect(server.requests.count == 2)
    }
  }

  @Test func `a GET whose used connection dies is asked again`() async throws {
    try await withServer({ $0.connection == 1 && $0.number == 2 ? .hangUp : .ok() }) { server, transferrer in
      for _ in 1...2 {
        let answer = try await transferrer.transfer(TransferRequest(method: .get, url: server.url))
        #expect(answer.status == 200)
      }
      #expect(server.requests.map(\.connection) == [1, 1, 2])
    }
  }

  @Test func `a GET that was written and then cannot connect again is cut`() async throws {
    // Its second connection is refused: the count of written bytes begins again there, and the first writing must not be forgotten.
    let stopper = Stopper()
    try await withServer({ request in
      guard request.number == 2 else { return .ok() }
      stopper.stop()
      return .hangUp
    }) { server, transferrer in
      stopper.server = server
      _ = try await transferrer.transfer(TransferRequest(method: .get, url: server.url))
      let error = await failure(of: TransferRequest(method: .get, url: server.url), by: transferrer)
      guard case .cut = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test func `a refused connection is certainly not sent`() async throws {
    let server = try RawServer { _ in .ok() }
    server.stop()
    let transferrer = try Transferrer()
    // A connection that slipped in before the stop is over by then.
    let error = await failure(of: TransferRequest(method: .post, url: server.url, body: [1]), by: transferrer)
    guard case .notSent(let code, let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(code == 7)
    #expect(detail.contains("127.0.0.1"))
    #expect(error?.isTemporary == true)
  }

  @Test func `a failed TLS handshake is certainly not sent`() async throws {
    try await withServer(hangsUpOnAccept: true, { _ in .ok() }) { server, transferrer in
      let error = await failure(of: TransferRequest(method: .post, url: server.tlsURL, body: [1]), by: transferrer)
      #expect(error?.reason == "transfer.not_sent")
    }
  }

  @Test func `a handshake that never ends is not sent after the time to connect`() async throws {
    try await withServer({ _ in .silence }) { server, transferrer in
      let request = TransferRequest(method: .post, url: server.tlsURL, body: [1], connectTimeout: .milliseconds(200))
      let error = await failure(of: request, by: transferrer)
      guard case .notSent(28, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test(arguments: [
    "no-scheme-and no host", "", "http://", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://user:word@127.0.0.1:1/",
    "http://127.0.0.1:1/\nX: y",
    "http://127.0.0.1:1/\0",
  ])
  func `a bad URL is not sent and not tried again`(url: String) async throws {
    let transferrer = try Transferrer()
    let error = await failure(of: TransferRequest(method: .get, url: url), by: transferrer)
    #expect(error?.reason == "transfer.not_sent")
    #expect(error?.isTemporary == false)
    #expect(error?.message.contains("word") == false)
  }

  @Test(arguments: [("X-A", "b\r\nX-C: d"), ("X-A: b\r\nX-C", "d"), ("", "b"), ("X A", "b"), ("X-A", "b\0c"), ("Bücher", "b")])
  func `a header that would become two is not sent`(name: String, value: String) async throws {
    try await withServer({ _ in .ok() }) { server, transferrer in
      let request = TransferRequest(method: .get, url: server.url, headers: [.init(name, value)])
      #expect(await failure(of: request, by: transferrer)?.isTemporary == false)
      #expect(server.requests.isEmpty)
    }
  }

  @Test(arguments: [
    (RawServer.Act.hangUp, "transfer.cut"),
    (.answerAndHangUp("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"), "transfer.cut"),
    (.answerAndHangUp("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"), "transfer.cut"),
    (.answerAndHangUp("HTTP/1.1 200 OK\r\nContent-Le"), "transfer.cut"),
    (.answerAndHangUp("220 mail.example ESMTP\r\n"), "transfer.cut"),
    (.answer("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"), "transfer.too_large"),
    (.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + String(repeating: "x", count: 1024)), "transfer.too_large"),
    (.answer("HTTP/1.1 200 OK\r\nX-Long: " + String(repeating: "x", count: 1024) + "\r\n"), "transfer.too_large"),
    (.silence, "transfer.timed_out"),
    (.answer("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"), "transfer.timed_out"),
  ])
  func `what is no whole answer is a cut`(act: RawServer.Act, reason: String) async throws {
    try await withServer({ _ in act }) { server, transferrer in
      let request = TransferRequest(method: .post, url: server.url, body: [1], timeout: .milliseconds(400), answerLimit: 1000)
      let error = await failure(of: request, by: transferrer)
      #expect(error?.reason == reason)
      if case .cut = error {} else { Issue.record("\(String(describing: error))") }
      #expect(server.requests.count == 1)
    }
  }

  @Test func `a hang-up before the request is read is a cut`() async throws {
    try await withServer(hangsUpOnAccept: true, { _ in .ok() }) { server, transferrer in
      let error = await failure(of: TransferRequest(method: .post, url: server.url, body: [1]), by: transferrer)
      #expect(error?.reason == "transfer.cut")
    }
  }
}
