import HummingbirdTesting
import Testing

@testable import Receiving

@Suite struct LimitTests {
  private static let mostAllowed = [UInt8](repeating: UInt8(ascii: "x"), count: 4_194_304)

  /// The head of a POST, up to the empty line.
  private static func head(signing body: [UInt8], _ fields: String...) -> String {
    let signature = "X-Hub-Signature-256: " + WebhookSignature(secret: secret).header(for: body)
    return (["POST /webhook/meta HTTP/1.1", "Host: localhost", signature] + fields + ["", ""]).joined(separator: "\r\n")
  }

  private static func chunked(_ body: [UInt8]) -> [UInt8] {
    let chunks = stride(from: 0, to: body.count, by: 60_000).flatMap { start in
      let chunk = body[start..<min(start + 60_000, body.count)]
      return Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + [13, 10]
    }
    return chunks + Array("0\r\n\r\n".utf8)
  }

  @Test(arguments: [0, 1], [true, false])
  func `four mebibytes are taken, and not one byte more`(excess: Int, isChunked: Bool) async throws {
    let shelf = Shelf()
    let body = Self.mostAllowed + [UInt8](repeating: 1, count: excess)
    try await withWebhook(.live, store: shelf.store) { client in
      let connection = try RawConnection(port: try #require(client.port))
      let head = Self.head(signing: body, isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(body.count)")
      #expect(await connection.send(head))
      let wasTaken = await connection.send(isChunked ? Self.chunked(body) : body)
      let answer = await connection.answer()
      if excess > 0 {
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
        #expect(answer.contains(#""code":"webhook.too_large""#))
        // The end of the chunks may have come before the answer, and then nothing is left to skip.
        guard answer.contains("\r\nconnection: close\r\n") else { return #expect(isChunked) }
        #expect(await connection.rest() == "")
      } else {
        #expect(wasTaken)
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(await connection.send(Self.head(signing: someBody, "Content-Length: \(someBody.count)")))
        #expect(await connection.send(someBody))
        #expect(await connection.answer().hasPrefix("HTTP/1.1 200 "))
      }
    }
    #expect(await shelf.payloads == (excess == 0 ? [body, someBody] : []))
  }

  @Test func `a length over the limit is refused before the body comes, and the body is not read for ever`() async throws {
    try await withWebhook(.live) { client in
      let connection = try RawConnection(port: try #require(client.port))
      let size = 64 << 20
      #expect(await connection.send(Self.head(signing: [], "Content-Length: \(size)")))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 413 "))
      // More than what the buffers of both systems hold.
      #expect(await connection.send([UInt8](repeating: 1, count: size)) == false)
    }
  }

  @Test func `a short body that was refused unread is skipped, and the next request is understood`() async throws {
    try await withWebhook(.live) { client in
      let connection = try RawConnection(port: try #require(client.port))
      let body = [UInt8](repeating: 1, count: 100_000)
      #expect(await connection.send(Self.head(signing: body, "Content-Length: \(body.count)", "Content-Encoding: gzip")))
      let answer = await connection.answer()
      #expect(answer.hasPrefix("HTTP/1.1 415 "))
      #expect(!answer.contains("connection: close"))
      #expect(await connection.send(body))
      #expect(await connection.send("GET /webhook/meta HTTP/1.1\r\nHost: localhost\r\n\r\n"))
      #expect(await connection.answer().hasPrefix("HTTP/1.1 403 "))
    }
  }

  @Test(arguments: ["Content-Length: 1000", "Transfer-Encoding: chunked"])
  func `a request that is cut off is not stored, though what came of it is signed`(field: String) async throws {
    try await withWebhook(.live) { client in
      let connection = try RawConnection(port: try #require(client.port))
      #expect(await connection.send(Self.head(signing: someBody, field)))
      let part = field.hasSuffix("chunked") ? Array(Self.chunked(someBody).dropLast(5)) : someBody
      #expect(await connection.send(part))
      connection.endSending()
      let answer = await connection.answer()
      #expect(answer.hasPrefix("HTTP/1.1 400 "))
      #expect(answer.contains(#""code":"webhook.cut_off""#))
      #expect(await connection.rest() == "")
    }
  }
}
