import Testing
import Transferring

@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
  private func outcome(of request: TransferRequest, by transferrer: Transferrer) async -> Result<Int, TransferError> {
    do { return .success(try await transferrer.transfer(request).status) } catch { return .failure(error) }
  }

  @Test func `a cancelled task hangs up long before its time is over`() async throws {
    try await withServer({ _ in .silence }) { server, transferrer in
      let request = TransferRequest(method: .post, url: server.url, body: [1])
      let task = Task { await outcome(of: request, by: transferrer) }
      await server.received(1)
      let start = ContinuousClock.now
      task.cancel()
      #expect(await task.value == .failure(.cancelled(wasSent: true)))
      // It takes milliseconds; a busy machine may take seconds.
      #expect(start.duration(to: .now) < .seconds(20))
      await server.abandoned()
    }
  }

  @Test func `a task cancelled during the handshake has sent nothing`() async throws {
    try await withServer({ _ in .silence }) { server, transferrer in
      let request = TransferRequest(method: .post, url: server.tlsURL, body: [1])
      let task = Task { await outcome(of: request, by: transferrer) }
      await server.connected(1)
      task.cancel()
      #expect(await task.value == .failure(.cancelled(wasSent: false)))
    }
  }

  @Test func `a task that is cancelled already connects to nobody`() async throws {
    try await withServer({ _ in .ok() }) { server, transferrer in
      let request = TransferRequest(method: .get, url: server.url)
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return await outcome(of: request, by: transferrer)
      }
      #expect(await task.value == .failure(.cancelled(wasSent: false)))
      #expect(server.connectionCount == 0)
    }
  }

  @Test func `a thousand cancelled tasks all end`() async throws {
    try await withServer({ _ in .ok() }) { server, transferrer in
      let request = TransferRequest(method: .get, url: server.url)
      await withTaskGroup(of: Bool.self) { group in
        for number in 1...1000 {
          group.addTask {
            let task = Task { await outcome(of: request, by: transferrer) }
            if number % 3 != 0 { await Task.yield() }
            task.cancel()
            switch await task.value {
            case .success(200), .failure(.cancelled): return true
            default: return false
            }
          }
        }
        for await isExpected in group { #expect(isExpected) }
      }
      // The thread is well, and serves on.
      #expect(await outcome(of: request, by: transferrer) == .success(200))
    }
  }

  @Test func `closing ends what was sent as a cut and what was not as closed`() async throws {
    try await withServer({ _ in .silence }) { server, transferrer in
      let sent = TransferRequest(method: .post, url: server.url, body: [1])
      let sending = Task { await outcome(of: sent, by: transferrer) }
      await server.received(1)
      let other = try RawServer { _ in .silence }
      defer { other.stop() }
      let unsent = TransferRequest(method: .post, url: other.tlsURL, body: [1])
      let connecting = Task { await outcome(of: unsent, by: transferrer) }
      await other.connected(1)
      transferrer.close()
      transferrer.close()
      #expect(await connecting.value == .failure(.closed))
      guard case .failure(.cut) = await sending.value else {
        Issue.record("what was sent is not a cut")
        return
      }
      #expect(await outcome(of: sent, by: transferrer) == .failure(.closed))
    }
  }

  @Test func `a host that does not answer sees a hundred handshakes and the others end as well`() async throws {
    try await withServer({ _ in .silence }) { server, transferrer in
      let request = TransferRequest(method: .post, url: server.tlsURL, body: [1])
      let brief = TransferRequest(method: .post, url: server.tlsURL, body: [1], timeout: .milliseconds(10))
      let tasks = (1...150).map { _ in Task { await outcome(of: request, by: transferrer) } }
      await server.connected(100)
      let late = Task { await outcome(of: brief, by: transferrer) }
      guard case .failure(.notSent(28, _)) = await late.value else {
        Issue.record("what waits too long is not late")
        return
      }
      for task in tasks.suffix(20) { task.cancel() }
      for task in tasks.suffix(20) { #expect(await task.value == .failure(.cancelled(wasSent: false))) }
      transferrer.close()
      for task in tasks.prefix(130) { #expect(await task.value == .failure(.closed)) }
      #expect(server.requests.isEmpty)
    }
  }

  @Test func `a transferrer that nobody holds hangs up its idle connections`() async throws {
    let server = try RawServer { _ in .ok() }
    defer { server.stop() }
    do {
      let transferrer = try Transferrer()
      _ = try await transferrer.transfer(TransferRequest(method: .get, url: server.url))
    }
    await server.abandoned()
  }
}
