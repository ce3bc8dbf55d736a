/// An answer while it comes in.
struct PartialAnswer {
  private(set) var headers: [TransferRequest.Header] = []
  private(set) var body: [UInt8] = []
  private(set) var isTooLarge = false
  /// Whether the empty line after the headers has come.
  private(set) var isHeadDone = false
  private var room: Int

  init(limit: Int) { room = limit }

  /// Takes one header line with its line end; false when the answer is over its limit.
  mutating func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    guard takeRoom(line.count) else { return false }
    guard body.isEmpty else { return true }
    let text = line.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    if text.isEmpty {
      isHeadDone = true
    } else if isHeadDone, text.starts(with: "HTTP/".utf8) {
      // An interim answer, such as 103, came before this one.
      headers = []
      isHeadDone = false
    } else if !isHeadDone, let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      headers.append(.init(Self.trimmed(text[..<colon]), Self.trimmed(text[(colon + 1)...])))
    }
    return true
  }

  /// Takes a piece of the body; false when the answer is over its limit.
  mutating func takeBody(_ piece: UnsafeRawBufferPointer) -> Bool {
    guard takeRoom(piece.count) else { return false }
    body.append(contentsOf: piece)
    return true
  }

  private mutating func takeRoom(_ count: Int) -> Bool {
    isTooLarge = isTooLarge || count > room
    guard !isTooLarge else { return false }
    room -= count
    return true
  }

  private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    var rest = bytes
    func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    while isBlank(rest.first) { rest.removeFirst() }
    while isBlank(rest.last) { rest.removeLast() }
    return String(decoding: rest, as: UTF8.self)
  }
}
