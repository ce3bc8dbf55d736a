import Foundation
import Testing

@testable import Replying

@Suite struct `A shelf of scripts` {
  /// What the shelf said of broken files.
  ///
  /// `@unchecked Sendable`: the list is touched only under the lock.
  private final class Complaints: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [String] = []

    var all: [String] { lock.withLock { list } }

    func add(_ path: String, _ problem: String) { lock.withLock { list.append("\(path): \(problem)") } }
  }

  private let complaints = Complaints()

  private var shelf: ScriptShelf {
    ScriptShelf { [complaints] path, problem in complaints.add(path, problem) }
  }

  @Test func `answers by the built-in script where there is no file`() throws {
    let reply = try shelf.responder(at: nil).reply(to: .asking("hello", name: "Ana"))
    #expect(reply == "Hello, Ana! How can I help?")
    #expect(complaints.all.isEmpty)
  }

  @Test func `answers by a file, and by its new words once it is edited`() throws {
    try withFile { path in
      let shelf = shelf
      try write("default: first", to: path, minute: 0)
      #expect(try answer(shelf, path) == "first")
      #expect(try answer(shelf, path) == "first")
      try write("default: second", to: path, minute: 1)
      #expect(try answer(shelf, path) == "second")
      // An older file put in its place is another one too.
      try write("default: third", to: path, minute: -1)
      #expect(try answer(shelf, path) == "third")
      #expect(complaints.all.isEmpty)
    }
  }

  @Test func `reads a file once while nobody edits it`() throws {
    try withFile { path in
      let shelf = shelf
      try write("default: first", to: path, minute: 0)
      #expect(try answer(shelf, path) == "first")
      try write("default: unseen", to: path, minute: 0)
      #expect(try answer(shelf, path) == "first")
    }
  }

  @Test func `answers as before when an edit has broken the file, and says so at each use`() throws {
    try withFile { path in
      let shelf = shelf
      try write("default: first", to: path, minute: 0)
      #expect(try answer(shelf, path) == "first")
      try write("defualt: second", to: path, minute: 1)
      #expect(try answer(shelf, path) == "first")
      #expect(try answer(shelf, path) == "first")
      #expect(complaints.all.count == 2)
      #expect(complaints.all.allSatisfy { $0.hasPrefix(path) && $0.contains("Did you mean `default`?") })
      try write("default: third", to: path, minute: 2)
      #expect(try answer(shelf, path) == "third")
      try FileManager.default.removeItem(atPath: path)
      #expect(try answer(shelf, path) == "third")
      #expect(complaints.all.count == 3)
    }
  }

  @Test func `refuses a file that never could be used`() throws {
    try withFile { path in
      let shelf = shelf
      let missing = #expect(throws: ReplyError.self) { try shelf.responder(at: path) }
      #expect(missing == .scriptBroken(path: path, problem: "The file cannot be read."))
      try write("rules: []", to: path, minute: 0)
      let broken = #expect(throws: ReplyError.self) { try shelf.responder(at: path) }
      #expect(broken?.reason == "reply.script_broken")
      #expect(broken?.message.contains("there is no `default:`") == true)
      #expect(complaints.all.isEmpty)
      try write("default: mended", to: path, minute: 1)
      #expect(try answer(shelf, path) == "mended")
    }
  }

  @Test func `keeps the files apart`() throws {
    try withFile { first in
      try withFile { second in
        let shelf = shelf
        try write("default: one", to: first, minute: 0)
        try write("default: two", to: second, minute: 0)
        #expect(try answer(shelf, first) == "one")
        #expect(try answer(shelf, second) == "two")
        #expect(try answer(shelf, first) == "one")
      }
    }
  }

  private func answer(_ shelf: ScriptShelf, _ path: String) throws -> String {
    try shelf.responder(at: path).reply(to: .asking("hello"))
  }

  /// Writes a file as if it had been saved at that minute.
  private func write(_ yaml: String, to path: String, minute: Int) throws {
    try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
    let time = Date(timeIntervalSince1970: 1_790_000_000 + Double(minute * 60))
    try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "replyd-script-\(UUID().uuidString).yaml"
    // What a failed test leaves there harms nobody.
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }
}
