import Foundation
import Testing
import Transferring

@Suite(.timeLimit(.minutes(1))) struct TransferrerTests {
  @Test func `a plain answer comes back whole`() async throws {
    try await withServer({ _ in .ok(#"{"id":1}"#, status: "201 Created", headers: "X-Trace: abc\r\n") }) { server, transferrer in
      let answer = try await transferrer.transfer(TransferRequest(method: .get, url: server.url + "/v1/a?b=c"))
      #expect(answer.status == 201)
      #expect(answer.body == Array(#"{"id":1}"#.utf8))
      #expect(answer.header("x-trace") == "abc")
      #expect(answer.header("x-other") == nil)
      #expect(server.requests.first?.head.hasPrefix("GET /v1/a?b=c HTTP/1.1\r\n") == true)
    }
  }

  @Test func `a request is written as it was given`() async throws {
    try await withServer({ _ in .ok() }) { server, transferrer in
      let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
      let headers = [
        TransferRequest.Header("Content-Type", "application/json"), .init("Authorization", "Bearer t"), .init("X-Empty", ""),
      ]
      let request = TransferRequest(method: .post, url: server.url + "/messages", headers: headers, body: body)
      _ = try await transferrer.transfer(request)
      let got = try #require(server.requests.first)
      #expect(got.body == body)
      let lines = got.head.components(separatedBy: "\r\n")
      #expect(lines.first == "POST /messages HTTP/1.1")
      #expect(Set(lines).isSuperset(of: ["Content-Type: application/json", "Authorization: Bearer t", "User-Agent: replyd"]))
      #expect(Set(lines).isSuperset(of: ["X-Empty:", "Content-Length: 200000"]))
      #expect(!lines.contains { $0.hasPrefix("Expect") || $0.hasPrefix("Transfer-Encoding") })
    }
  }

  @Test(arguments: [
    (TransferRequest.Method.post, [UInt8]?.none, "POST"), (.post, [], "POST"), (.delete, nil, "DELETE"), (.delete, [1, 2], "DELETE"),
    (.get, nil, "GET"),
  ])
  func `every method goes with and without a body`(method: TransferRequest.Method, body: [UInt8]?, word: String) async throws {
    try await withServer({ _ in .ok() }) { server, transferrer in
      let answer = try await transferrer.transfer(TransferRequest(method: method, url: server.url, body: body))
      #expect(answer.status == 200)
      let got = try #require(server.requests.first)
      #expect(got.head.hasPrefix(word + " / "))
      #expect(got.body == body ?? [])
      #expect(!got.head.contains("Content-Type"))
    }
  }

  @Test func `two requests share a connection`() async throws {
    try await withServer({ _ in .ok() }) { server, transferrer in
      for _ in 1...2 { _ = try await transferrer.transfer(TransferRequest(method: .post, url: server.url, body: [1])) }
      #expect(server.requests.count == 2)
      #expect(server.connectionCount == 1)
    }
  }

  @Test func `a redirect is an answer`() async throws {
    try await withServer({ _ in .ok(status: "302 Found", headers: "Location: /elsewhere\r\n") }) { server, transferrer in
      let answer = try await transferrer.transfer(TransferRequest(method: .get, url: server.url))
      #expect(answer.status == 302)
      #expect(answer.header("location") == "/elsewhere")
      #expect(server.requests.count == 1)
    }
  }

  @Test func `a chunked answer is put together and its trailers are left out`() async throws {
    let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\n\r\n"
    try await withServer({ _ in .answer(text) }) { server, transferrer in
      let answer = try await transferrer.transfer(TransferRequest(method: .get, url: server.url))
      #expect(answer.body == Array("abcde".utf8))
      #expect(answer.header("X-Late") == nil)
    }
  }

  @Test func `the headers of an interim answer are not the answer's`() async throws {
    let text = "HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 2\r\nContent-Length: 0\r\n\r\n"
    try await withServer({ _ in .answer(text) }) { server, transferrer in
      let answer = try await transferrer.transfer(TransferRequest(method: .get, url: server.url))
      #expect(answer.status == 200)
      #expect(answer.headers.map(\.name) == ["X-Real", "Content-Length"])
    }
  }

  @Test func `two hundred requests run at once`() async throws {
    // Answered only when all have come: none may wait for another.
    let gate = DispatchSemaphore(value: 0)
    try await withServer(
      connections: 1000,
      { request in
        gate.wait()
        return .ok(String(decoding: request.body, as: UTF8.self))
      }
    ) { server, transferrer in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 1...200 {
          group.addTask {
            let body = Array("message \(number)".utf8)
            return try await transferrer.transfer(TransferRequest(method: .post, url: server.url, body: body)).body == body
          }
        }
        await server.received(200)
        for _ in 1...200 { gate.signal() }
        for try await isWhole in group { #expect(isWhole) }
      }
    }
  }

  @Test func `more requests than connections wait for one`() async throws {
    try await withServer(connections: 2, { _ in .ok() }) { server, transferrer in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 1...40 { group.addTask { try await transferrer.transfer(TransferRequest(method: .get, url: server.url)).status } }
        for try await status in group { #expect(status == 200) }
      }
      #expect(server.requests.count == 40)
      #expect(server.connectionCount <= 2)
    }
  }
}
