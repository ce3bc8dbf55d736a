import Glibc

/// Reads a file line by line, in bounded memory: a long line comes in pieces.
package struct LineReader {
  package struct Line: Hashable, Sendable {
    /// From 1; blank lines count.
    package let number: Int
    /// Where the next one begins, in bytes.
    package let end: Int
    /// Nothing but spaces, tabs and carriage returns.
    package let isBlank: Bool
  }

  /// A piece has at most so many bytes.
  static let pieceLength = 256 * 1024

  private let file: Descriptor
  private let path: String
  private let mayGoOn: () -> Bool
  private let buffer = Buffer(length: LineReader.pieceLength)
  /// Where in the file the buffer begins, and which bytes of it are not taken yet.
  private var start: Int
  private var rest: Range<Int> = 0..<0
  private var number: Int

  /// Whether it ended because the caller would not go on.
  private(set) var isInterrupted = false

  /// Begins at `start`, in bytes, where `number` lines have ended; `mayGoOn` is asked before each piece is read.
  init(_ file: Descriptor, path: String, from start: Int = 0, number: Int = 0, mayGoOn: @escaping () -> Bool = { true }) {
    (self.file, self.path, self.start, self.number, self.mayGoOn) = (file, path, start, number, mayGoOn)
  }

  /// Reads the file at `path` from its beginning, past a byte order mark.
  package init(path: String) throws(SpoolError) {
    let opened = SystemCall.run { open(path, O_RDONLY | O_CLOEXEC) }
    guard opened.code == 0 else { throw SpoolError(opened.code, of: "open", at: path) }
    let file = Descriptor(opened.value)
    self.init(file, path: path, from: Self.beginning(of: file))
  }

  /// Where the first line begins: after a byte order mark, if there is one.
  static func beginning(of file: Descriptor) -> Int {
    guard case .success([0xEF, 0xBB, 0xBF]) = FileContent.read(file, size: 3) else { return 0 }
    return 3
  }

  /// Reads the next line, without white space at its beginning, and without its end, which is a newline or a carriage return and a newline.
  ///
  /// - Parameter take: Gets the pieces of the line, none of them empty; a blank one has none.
  /// - Returns: Nil behind the last line, or when interrupted.
  /// - Throws: What the file system said, or `take`.
  package mutating func next(_ take: (UnsafeBufferPointer<UInt8>) throws(SpoolError) -> Void) throws(SpoolError) -> Line? {
    var (hasBytes, hasBegun, holdsReturn) = (false, false, false)
    while true {
      if rest.isEmpty {
        guard try fill() else {
          guard hasBegun, !isInterrupted else { return nil }
          number += 1
          return Line(number: number, end: start, isBlank: !hasBytes)
        }
      }
      hasBegun = true
      let newline = buffer.firstNewline(in: rest)
      var piece = rest.lowerBound..<(newline ?? rest.upperBound)
      rest = (newline.map { $0 + 1 } ?? rest.upperBound)..<rest.upperBound
      if !hasBytes { piece = buffer.withoutSpace(piece) }
      if !piece.isEmpty {
        hasBytes = true
        if holdsReturn { try take(buffer.carriageReturn) }
        holdsReturn = buffer[piece.upperBound - 1] == UInt8(ascii: "\r")
        if holdsReturn { piece = piece.lowerBound..<(piece.upperBound - 1) }
        if !piece.isEmpty { try take(buffer.bytes(in: piece)) }
      }
      guard newline == nil else {
        number += 1
        return Line(number: number, end: start + rest.lowerBound, isBlank: !hasBytes)
      }
    }
  }

  /// Reads the next piece of the file; false at its end.
  private mutating func fill() throws(SpoolError) -> Bool {
    guard mayGoOn() else {
      isInterrupted = true
      return false
    }
    start += rest.upperBound
    let read = buffer.read(from: file, at: start)
    guard read.code == 0 else { throw SpoolError(read.code, of: "pread", at: path) }
    rest = 0..<read.value
    return read.value > 0
  }

  /// Bytes that stay where they are, so that a line's pieces are handed on without a copy.
  private final class Buffer {
    private let all: UnsafeMutableBufferPointer<UInt8>

    init(length: Int) {
      // One more, for a carriage return that was held back.
      all = .allocate(capacity: length + 1)
      all[length] = UInt8(ascii: "\r")
    }

    deinit {
      all.deallocate()
    }

    subscript(place: Int) -> UInt8 { all[place] }

    var carriageReturn: UnsafeBufferPointer<UInt8> { bytes(in: (all.count - 1)..<all.count) }

    func bytes(in range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: all[range]) }

    func read(from file: Descriptor, at offset: Int) -> (value: Int, code: Int32) {
      SystemCall.run { pread(file.number, all.baseAddress, all.count - 1, off_t(offset)) }
    }

    func firstNewline(in range: Range<Int>) -> Int? {
      guard let base = all.baseAddress, let found = memchr(base + range.lowerBound, 10, range.count) else { return nil }
      return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// What is left of a range behind the spaces, tabs and carriage returns at its beginning.
    func withoutSpace(_ range: Range<Int>) -> Range<Int> {
      var first = range.lowerBound
      while first < range.upperBound, all[first] == 32 || all[first] == 9 || all[first] == 13 { first += 1 }
      return first..<range.upperBound
    }
  }
}
