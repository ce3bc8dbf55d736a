import Foundation
import Glibc
import NIOConcurrencyHelpers
import Testing
import Transferring

/// A server on 127.0.0.1 that does what a test says to each request, and counts.
final class RawServer: Sendable {
  struct Request: Sendable {
    /// From 1, in the order of arrival.
    let connection: Int
    /// From 1, within its connection.
    let number: Int
    let head: String
    let body: [UInt8]
  }

  enum Act: Sendable {
    /// Written as it is; the connection stays.
    case answer(String)
    case answerAndHangUp(String)
    case hangUp
    /// Nothing, until the client goes.
    case silence
  }

  private struct Waiter {
    let isMet: @Sendable (State) -> Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var isListening = true
    var requests: [Request] = []
    var connections: [Int32] = []
    var connectionCount = 0
    var waiting: [Waiter] = []
  }

  let port: UInt16
  private let listener: Int32
  private let hangsUpOnAccept: Bool
  private let act: @Sendable (Request) -> Act
  private let state = NIOLockedValueBox(State())

  init(hangsUpOnAccept: Bool = false, _ act: @escaping @Sendable (Request) -> Act) throws {
    (self.hangsUpOnAccept, self.act) = (hangsUpOnAccept, act)
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    port = try #require(Self.listen(on: listener))
    Thread.detachNewThread { [self] in acceptAll() }
  }

  /// The free port that the system chose.
  private static func listen(on listener: Int32) -> UInt16? {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) == 0 && Glibc.listen(listener, 1024) == 0 && getsockname(listener, pointer, &length) == 0
      }
    }
    return isListening ? UInt16(bigEndian: address.sin_port) : nil
  }

  var url: String { "http://127.0.0.1:\(port)" }
  var tlsURL: String { "https://127.0.0.1:\(port)" }
  var requests: [Request] { state.withLockedValue { $0.requests } }
  var connectionCount: Int { state.withLockedValue { $0.connectionCount } }

  /// Waits until so many requests have come, each with its whole body.
  func received(_ count: Int) async { await wait { $0.requests.count >= count } }

  /// Waits until so many have connected.
  func connected(_ count: Int) async { await wait { $0.connectionCount >= count } }

  /// Waits until a connection has been made and none is left.
  func abandoned() async { await wait { $0.connectionCount >= 1 && $0.connections.isEmpty } }

  /// From now on nobody can connect; what is connected stays.
  func stopListening() {
    // Under the lock, like every close: a number that was closed may be somebody else's by now.
    change { state in
      if state.isListening { shutdown(listener, Int32(SHUT_RDWR)) }
      state.isListening = false
    }
  }

  func stop() {
    stopListening()
    change { state in
      for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  private func wait(until isMet: @escaping @Sendable (State) -> Bool) async {
    await withCheckedContinuation { continuation in change { $0.waiting.append(Waiter(isMet: isMet, continuation: continuation)) } }
  }

  private func change(_ body: (inout State) -> Void) {
    let ready = state.withLockedValue { state in
      body(&state)
      let waiting = state.waiting
      state.waiting = waiting.filter { !$0.isMet(state) }
      return waiting.filter { $0.isMet(state) }
    }
    for waiter in ready { waiter.continuation.resume() }
  }

  private func acceptAll() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      change { state in
        state.connectionCount += 1
        state.connections.append(connection)
      }
      let number = connectionCount
      Thread.detachNewThread { [self] in
        if !hangsUpOnAccept { serve(connection, number) }
        change { state in
          state.connections.removeAll { $0 == connection }
          close(connection)
        }
      }
    }
    change { state in
      state.isListening = false
      close(listener)
    }
  }

  private func serve(_ connection: Int32, _ number: Int) {
    var bytes: [UInt8] = []
    for count in 1... {
      guard let request = read(connection, &bytes, number: number, count: count) else { return }
      change { $0.requests.append(request) }
      switch act(request) {
      case .answer(let text): guard write(connection, text) else { return }
      case .answerAndHangUp(let text):
        _ = write(connection, text)
        return
      case .hangUp: return
      case .silence:
        while fill(&bytes, from: connection) {}
        return
      }
    }
  }

  private func read(_ connection: Int32, _ bytes: inout [UInt8], number: Int, count: Int) -> Request? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let place = bytes.firstRange(of: end) {
        let head = String(decoding: bytes[..<place.lowerBound], as: UTF8.self)
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let size = length.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        while bytes.count < place.upperBound + size { guard fill(&bytes, from: connection) else { return nil } }
        let body = Array(bytes[place.upperBound..<(place.upperBound + size)])
        bytes.removeFirst(place.upperBound + size)
        return Request(connection: number, number: count, head: head, body: body)
      }
      guard fill(&bytes, from: connection) else { return nil }
    }
  }

  private func fill(_ bytes: inout [UInt8], from connection: Int32) -> Bool {
    var room = [UInt8](repeating: 0, count: 65_536)
    let count = recv(connection, &room, room.count, 0)
    guard count > 0 else { return false }
    bytes += room[..<count]
    return true
  }

  private func write(_ connection: Int32, _ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

extension RawServer.Act {
  /// A plain answer of known length.
  static func ok(_ body: String = "{}", status: String = "200 OK", headers: String = "") -> Self {
    .answer("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }
}

/// Runs a server and a transferrer for one test.
func withServer(
  hangsUpOnAccept: Bool = false, connections: Int? = nil, _ act: @escaping @Sendable (RawServer.Request) -> RawServer.Act,
  _ body: (RawServer, Transferrer) async throws -> Void
) async throws {
  let server = try RawServer(hangsUpOnAccept: hangsUpOnAccept, act)
  defer { server.stop() }
  let transferrer = try Transferrer(connections: connections)
  defer { transferrer.close() }
  try await body(server, transferrer)
}
