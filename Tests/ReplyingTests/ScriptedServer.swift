import Foundation
import Transferring

@testable import Replying

/// A server on 127.0.0.1 that reads one request a connection and does what it was told to.
///
/// Unchecked: `seen` and `held` are read and written under the lock only, the rest never changes.
final class ScriptedServer: @unchecked Sendable {
  enum Act: Sendable {
    /// Writes these bytes, and hangs up.
    case say([UInt8])
    case hangUp
    /// Keeps the connection open until the end, without a word.
    case keepSilent
  }

  let port: Int
  private let listener: Int32
  private let lock = NSLock()
  private var seen: [[UInt8]] = []
  private var held: [Int32] = []
  private let acts: [Act]
  private let arrived = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// Listens on a free port; beyond the list it hangs up.
  init(_ acts: [Act]) throws {
    self.acts = acts
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
  var requests: [String] { lock.withLock { seen.map { String(decoding: $0, as: UTF8.self) } } }

  /// The bodies of the requests.
  var bodies: [String] { requests.map { $0.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n") } }

  /// Waits for the next request; blocks its thread.
  func waitForRequest() { arrived.wait() }

  /// Ends the server's thread and waits for it.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    ended.wait()
    close(listener)
    for connection in lock.withLock({ held }) { close(connection) }
  }

  private func serve() {
    var count = 0
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      var act = Act.hangUp
      if let request = read(connection) {
        lock.withLock { seen.append(request) }
        if count < acts.count { act = acts[count] }
        count += 1
        arrived.signal()
      }
      perform(act, on: connection)
    }
    ended.signal()
  }

  private func perform(_ act: Act, on connection: Int32) {
    switch act {
    case .keepSilent:
      lock.withLock { held.append(connection) }
      return
    case .hangUp: break
    case .say(let bytes): _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
    shutdown(connection, Int32(SHUT_RDWR))
    close(connection)
  }

  /// One whole request; nil when the connection ended first.
  private func read(_ connection: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let length = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) }
        if bytes.count - end.upperBound >= length ?? 0 { return bytes }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }
}

extension ScriptedServer.Act {
  /// A whole HTTP answer; `length` to lie about it.
  static func answer(_ status: Int, _ body: String, headers: [String] = [], length: Int? = nil) -> Self {
    let lines = ["HTTP/1.1 \(status) Whatever", "Content-Length: \(length ?? body.utf8.count)", "Connection: close"] + headers
    return .say(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
  }

  /// A completed response that says `text`, which is JSON already escaped.
  static func text(_ text: String) -> Self { .answer(200, completed(text)) }

  /// A response that broke off at its limit of tokens.
  static func cutShort(_ text: String) -> Self {
    .answer(
      200,
      """
      {"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[
        {"type":"reasoning","summary":[]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"\(text)"}]}]}
      """)
  }

  static let tooLong = answer(
    400, #"{"error":{"message":"Too long.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}"#)
}

func completed(_ text: String) -> String {
  #"{"status":"completed","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"\#(text)"}]}]}"#
}

/// A key that no server has ever seen.
let testKey = "key-5Vq8Zr2T"

/// Makes a server and a responder that asks it, and ends both with the scope.
func withServer<Value>(
  _ acts: [ScriptedServer.Act],
  key: String? = testKey,
  timeout: Duration = .seconds(20),
  _ body: (ScriptedServer, OpenAIResponder) async throws -> Value
) async throws -> Value {
  let server = try ScriptedServer(acts)
  defer { server.stop() }
  let transferrer = try Transferrer()
  defer { transferrer.close() }
  let base = "http://127.0.0.1:\(server.port)/v1"
  return try await body(server, OpenAIResponder(transferrer: transferrer, baseURL: base, apiKey: key, timeout: timeout))
}

/// What becomes of one inquiry.
func outcome(
  of inquiry: Inquiry = .modelled(), model: String? = "m", from responder: OpenAIResponder
) async -> Result<String, ReplyError> {
  do throws(ReplyError) {
    return .success(try await responder.reply(to: inquiry, model: model).text)
  } catch {
    return .failure(error)
  }
}
