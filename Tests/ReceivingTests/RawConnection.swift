import Foundation
import Glibc
import Testing

/// One connection to 127.0.0.1 that sends exactly what it is told; calls that wait do so on threads of their own, at most 20 s.
final class RawConnection: Sendable {
  private let number: Int32

  init(port: Int) throws {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(number, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size)) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
    }
    try #require(isConnected)
  }

  deinit {
    close(number)
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
