import Foundation

/// A server on 127.0.0.1 that reads one request a connection, writes what it was told to, and hangs up.
///
/// Unchecked: `requests` and `isStopped` are read and written under the lock only, the rest never changes.
final class ScriptedServer: @unchecked Sendable {
  let port: Int
  private let listener: Int32
  private let lock = NSLock()
  private var seen: [String] = []
  private let answers: [String?]
  private let ended = DispatchSemaphore(value: 0)

  /// Listens on a free port: `answers` are the whole answers in turn, nil hangs up, and so does the end of the list.
  init(answers: [String?]) throws {
    self.answers = answers
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, 16) == 0 && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard isOpen else { throw CocoaError(.fileReadUnknown) }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread { [self] in serve() }.start()
  }

  /// Every request as it came, head and body.
  var requests: [String] { lock.withLock { seen } }

  /// Ends the server's thread and waits for it.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    ended.wait()
    close(listener)
  }

  private func serve() {
    var count = 0
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      if let request = read(connection) {
        lock.withLock { seen.append(request) }
        if count < answers.count, let answer = answers[count] { write(answer, to: connection) }
        count += 1
      }
      shutdown(connection, Int32(SHUT_RDWR))
      close(connection)
    }
    ended.signal()
  }

  /// One whole request; nil when the connection ended first.
  private func read(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let head = text.range(of: "\r\n\r\n") {
        let length = text[..<head.lowerBound].split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) }
        if text[head.upperBound...].utf8.count >= length ?? 0 { return text }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }

  private func write(_ answer: String, to connection: Int32) {
    let bytes = Array(answer.utf8)
    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}

/// Makes a server, and ends it with the scope.
func withServer<Value>(answers: [String?], _ body: (ScriptedServer) async throws -> Value) async throws -> Value {
  let server = try ScriptedServer(answers: answers)
  defer { server.stop() }
  return try await body(server)
}

/// A whole HTTP answer.
func answer(_ status: Int, _ body: String, headers: [String] = []) -> String {
  let lines = ["HTTP/1.1 \(status) Whatever", "Content-Length: \(body.utf8.count)"] + headers
  return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
}
