internal import CLinux

/// The little that the stand-ins read of a request.
enum UpstreamRequest {
  /// Message `number` is the first of `count` that are to be answered.
  case ask(number: Int, count: Int)
  case send(Send)
  /// How many of each thing were seen, for the bench.
  case count
  case senseless

  /// The reply to message `number` and those that came with it.
  struct Send {
    let number: Int
    let count: Int
    let phone: Int
    let callback: [UInt8]
  }

  /// How many bytes the first request in here has, head and body; nil while it is not whole.
  static func length(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let head = bytes.first("\r\n\r\n") else { return nil }
    let field = UnsafeRawBufferPointer(rebasing: bytes[..<head]).first("Content-Length: ")
    let body = field.map { bytes.number(at: $0 + 16) } ?? 0
    return head + 4 + body <= bytes.count ? head + 4 + body : nil
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: "POST /v1/responses ".utf8) {
      self = Self.question(bytes) ?? .senseless
    } else if bytes.starts(with: "POST /".utf8) {
      self = Self.send(bytes).map(Self.send) ?? .senseless
    } else {
      self = bytes.starts(with: "GET /count ".utf8) ? .count : .senseless
    }
  }

  /// What is asked stands behind the last answer that was given before; the zeroes tell both from the words of a prompt.
  private static func question(_ bytes: UnsafeRawBufferPointer) -> UpstreamRequest? {
    var rest = bytes
    while let answer = rest.first("Answer 0000") { rest = UnsafeRawBufferPointer(rebasing: rest[(answer + 7)...]) }
    guard let first = rest.first("Message 0000") else { return nil }
    let number = rest.number(at: first + 8)
    var count = 0
    while let message = rest.first("Message 0000") {
      count += 1
      rest = UnsafeRawBufferPointer(rebasing: rest[(message + 8)...])
    }
    return .ask(number: number, count: count)
  }

  private static func send(_ bytes: UnsafeRawBufferPointer) -> Send? {
    guard let text = bytes.first(#""body":"Answer "#), let to = bytes.first(#""to":"+"#),
      let callback = bytes.first(#""biz_opaque_callback_data":""#)
    else { return nil }
    let id = bytes[(callback + 28)...].prefix { $0 != UInt8(ascii: "\"") }
    return Send(
      number: bytes.number(at: text + 15), count: bytes.number(at: text + 31), phone: bytes.number(at: to + 7), callback: Array(id))
  }
}

extension UnsafeRawBufferPointer {
  /// Where `text` first stands.
  fileprivate func first(_ text: StaticString) -> Int? {
    guard let start = baseAddress, let found = clinux_find(start, count, text.utf8Start, text.utf8CodeUnitCount) else { return nil }
    return found - start
  }

  /// The number whose digits begin here; 0 when none do.
  fileprivate func number(at place: Int) -> Int {
    var number = 0
    for byte in self[Swift.min(place, count)...] {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), number < 1 << 56 else { break }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return number
  }
}
