import Foundation
import Testing

@testable import Spooling

struct LineReaderTests {
  @Test(arguments: [
    ("", []), ("a", ["1:a"]), ("a\n", ["1:a"]), ("a\nb", ["1:a", "2:b"]), ("a\r\nb\r\n", ["1:a", "2:b"]),
    ("\n\na\n\n", ["1", "2", "3:a", "4"]),
    (" \t\r\n  a b \n", ["1", "2:a b "]), ("a\r", ["1:a"]), ("a\rb\r\r\n", ["1:a\rb\r"]), ("\n", ["1"]), ("\u{FEFF}a\n", ["1:a"]),
    ("\u{FEFF}\na", ["1", "2:a"]), ("a\0b\n", ["1:a\0b"]), ("\r\n\r\n", ["1", "2"]),
  ])
  func `lines end with a newline, before it perhaps a carriage return, or with the file`(content: String, lines: [String]) throws {
    try withFile(Array(content.utf8)) { path throws in
      #expect(try read(path).map(\.text) == lines)
      #expect(try read(path).last?.line.end ?? content.utf8.count == content.utf8.count)
    }
  }

  @Test(arguments: [-2, -1, 0, 1, 2])
  func `a line longer than what is read at once is the same`(difference: Int) throws {
    // The piece ends before, between and behind the carriage return and the newline.
    let long = String(repeating: "x", count: 2 * LineReader.pieceLength + difference)
    for end in ["\n", "\r\n", "\r\r\n"] {
      try withFile(Array("\(long)\(end)y\n".utf8)) { path in
        let texts = try read(path).map(\.text)
        let isSame = texts == ["1:\(long)\(end == "\r\r\n" ? "\r" : "")", "2:y"]
        #expect(isSame)
      }
    }
  }

  @Test func `reading goes on at any line`() throws {
    try withFile(Array("one\n\ntwo\r\nthree".utf8)) { path in
      let all = try read(path)
      for (index, line) in all.enumerated() {
        let file = Descriptor(open(path, O_RDONLY | O_CLOEXEC))
        let rest = try read(LineReader(file, path: path, from: line.line.end, number: line.line.number))
        #expect(rest.map(\.text) == all.dropFirst(index + 1).map(\.text))
      }
    }
  }

  @Test func `a reader that may not go on says so`() throws {
    try withFile(Array("one\ntwo\n".utf8)) { path in
      var reader = LineReader(Descriptor(open(path, O_RDONLY | O_CLOEXEC)), path: path, mayGoOn: { false })
      let line = try reader.next { _ in }
      #expect(line == nil)
      #expect(reader.isInterrupted)
    }
  }

  @Test func `what is not there cannot be read`() {
    #expect(throws: SpoolError.missing(path: "/tmp/replyd-nothing")) { try LineReader(path: "/tmp/replyd-nothing") }
  }

  private func withFile(_ content: [UInt8], _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try Data(content).write(to: URL(fileURLWithPath: folder + "/a"))
      try body(folder + "/a")
    }
  }

  private func read(_ path: String) throws -> [(text: String, line: LineReader.Line)] { try read(LineReader(path: path)) }

  private func read(_ reader: LineReader) throws -> [(text: String, line: LineReader.Line)] {
    var reader = reader
    var lines: [(String, LineReader.Line)] = []
    while true {
      var bytes: [UInt8] = []
      guard let line = try reader.next({ bytes += $0 }) else { return lines }
      #expect(line.isBlank == bytes.isEmpty)
      lines.append((line.isBlank ? "\(line.number)" : "\(line.number):\(String(decoding: bytes, as: UTF8.self))", line))
    }
  }
}
