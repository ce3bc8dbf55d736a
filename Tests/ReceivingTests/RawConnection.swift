import Foundation
import Glibc
import HummingbirdTesting
import Testing

@testable import Receiving

/// One connection to 127.0.0.1 that sends exactly what it is told; calls that wait do so on threads of their own, at most 20 s.
final class RawConnection: Sendable {
  private let number: Int32

  /// `source` is the last byte of the own address: all of 127.0.0.0/8 is this machine.
  init(port: Int, from source: UInt8 = 1) throws {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(number, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size)) }
    let number = number
    try #require(Self.with(host: source, port: 0) { bind(number, $0, $1) } == 0)
    let isConnected = Self.with(host: 1, port: port) { connect(number, $0, $1) } == 0
    try #require(isConnected)
  }

  deinit {
    close(number)
  }

  private static func with(host: UInt8, port: Int, _ call: (UnsafePointer<sockaddr>?, socklen_t) -> Int32) -> Int32 {
    // The fields of sockaddr_in one by one: its Swift name belongs to one or another module, as they happen to be built.
    let address: [UInt8] = [UInt8(AF_INET), 0, UInt8(port >> 8), UInt8(port & 0xFF), 127, 0, 0, host, 0, 0, 0, 0, 0, 0, 0, 0]
    return address.withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { call($0.baseAddress, socklen_t(bytes.count)) }
    }
  }

  /// Whether all was taken by the other side's system.
  func send(_ bytes: [UInt8]) async -> Bool {
    await onThread { [number] in
      var sent = 0
      while sent < bytes.count {
        let count = bytes.withUnsafeBytes { all in
          Glibc.send(number, all.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }

  func send(_ text: String) async -> Bool { await send(Array(text.utf8)) }

  /// Says that nothing more comes; answers can still be read.
  func endSending() { shutdown(number, Int32(SHUT_WR)) }

  /// Sends what the system takes at once; whether it took anything.
  func push(_ text: String) -> Bool {
    Glibc.send(number, text, text.utf8.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) > 0
  }

  /// Whether the other side has ended it; what it has sent before is dropped.
  var hasEnded: Bool {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(number, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count <= 0 { return count == 0 || errno != EAGAIN }
    }
  }

  /// Everything until the other side ends it; nil when that does not happen.
  func rest() async -> String? {
    await onThread { [number] in
      var bytes: [UInt8] = []
      var part = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(number, &part, part.count, 0)
        if count < 0, errno == EAGAIN { return nil }
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += part.prefix(count)
      }
    }
  }

  /// Hangs up so that the other side hears an error, not an end.
  func abort() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    shutdown(number, Int32(SHUT_RDWR))
  }

  /// One answer with its body, or what came of it before the end.
  func answer() async -> String {
    await onThread { [number] in
      var bytes: [UInt8] = []
      var byte: UInt8 = 0
      var left = Int.max
      while left > 0, recv(number, &byte, 1, 0) == 1 {
        bytes.append(byte)
        left -= 1
        guard left > 1 << 32, bytes.suffix(4) == [13, 10, 13, 10] else { continue }
        let head = String(decoding: bytes, as: UTF8.self).lowercased()
        left = head.split(separator: "\r\n").firstNonNil { $0.hasPrefix("content-length: ") ? Int($0.dropFirst(16)) : nil } ?? 0
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: work()) }
    }
  }
}

extension Sequence {
  fileprivate func firstNonNil<Value>(_ transform: (Element) -> Value?) -> Value? {
    for element in self {
      if let value = transform(element) { return value }
    }
    return nil
  }
}

extension RawConnection {
  convenience init(_ client: any TestClientProtocol) throws {
    try self.init(port: try #require(client.port))
  }

  /// The head of a POST, up to the empty line.
  static func head(_ fields: String...) -> String {
    (["POST /webhook/meta HTTP/1.1", "Host: localhost"] + fields + ["", ""]).joined(separator: "\r\n")
  }

  /// With a signature that is well-formed and wrong: the body is read before anybody can tell.
  static func head(forging fields: String...) -> String {
    (["POST /webhook/meta HTTP/1.1", "Host: localhost", "X-Hub-Signature-256: sha256=" + String(repeating: "0", count: 64)] + fields + [
      "", "",
    ])
    .joined(separator: "\r\n")
  }

  static func head(signing body: [UInt8], _ field: String) -> String {
    head("X-Hub-Signature-256: " + WebhookSignature(secret: secret).header(for: body), field)
  }

  static func head(posting body: [UInt8]) -> String { head(signing: body, "Content-Length: \(body.count)") }

  static func head(posting body: [UInt8], _ field: String) -> String {
    head(signing: body, "Content-Length: \(body.count)\r\n\(field)")
  }

  /// A whole request, signed.
  func send(posting body: [UInt8]) async -> Bool {
    await send(Array(Self.head(posting: body).utf8) + body)
  }
}
