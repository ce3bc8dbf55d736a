import Foundation
import Testing
import Watching

/// One at a time: libinotifytools watches once a process.
@Suite(.serialized, .timeLimit(.minutes(1))) struct WatcherTests {
  @Test func `a file that is moved in or written gives its name`() async throws {
    try await withWatcher { folder, hints in
      #expect(await hints.next() == .scan(.started))
      try folder.write("written.json")
      #expect(await hints.next() == .name("written.json"))
      try folder.write("moved.json", in: "outside")
      try folder.move("outside/moved.json", to: "watched/moved.json")
      #expect(await hints.next() == .name("moved.json"))
      try folder.move("watched/moved.json", to: "watched/renamed.json")
      #expect(await hints.next() == .name("renamed.json"))
    }
  }

  @Test func `what is no arrival gives nothing`() async throws {
    try await withWatcher { folder, hints in
      #expect(await hints.next() == .scan(.started))
      try folder.write("old.json")
      #expect(await hints.next() == .name("old.json"))
      try folder.makeDirectory("watched/deeper")
      try folder.write("deeper/unseen.json")
      _ = try Data(contentsOf: folder.url("watched/old.json"))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.url("watched/old.json").path)
      try folder.move("watched/old.json", to: "outside/old.json")
      try folder.remove("watched/deeper/unseen.json")
      try folder.write("marker.json")
      #expect(await hints.next() == .name("marker.json"))
    }
  }

  @Test func `a name that is no UTF-8 asks for a scan`() async throws {
    try await withWatcher { folder, hints in
      #expect(await hints.next() == .scan(.started))
      let path = Array(folder.url("watched").path.utf8) + Array("/".utf8) + [0xFF, 0xFE, 0]
      let descriptor = path.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { bytes in bytes.baseAddress.map { creat($0, 0o600) } ?? -1 }
      }
      try #require(descriptor >= 0)
      close(descriptor)
      #expect(await hints.next() == .scan(.nameUnreadable))
    }
  }

  private static let queueLength =
    (try? String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)).flatMap { Int($0.dropLast()) }

  @Test(.enabled(if: queueLength.map { $0 <= 100_000 } ?? false))
  func `a queue that runs over asks for a scan`() async throws {
    let folder = try Folder()
    defer { folder.removeAll() }
    let gate = DispatchSemaphore(value: 0)
    let (stream, continuation) = AsyncStream<Hint>.makeStream()
    let watcher = Watcher(directory: folder.watched) { hint in
      if hint == .scan(.started) { gate.wait() }
      continuation.yield(hint)
    }
    try watcher.start()
    defer { watcher.stop() }
    let count = try #require(Self.queueLength)
    for number in 0..<(count + 500) { try folder.write("\(number).json") }
    gate.signal()
    var names = 0
    for await hint in stream {
      if case .name = hint { names += 1 }
      if hint == .scan(.overflowed) { break }
    }
    #expect(names == count)
    // The watch goes on.
    try folder.write("after.json")
    #expect(await stream.first { $0 == .name("after.json") } != nil)
  }

  @Test func `a directory that is removed and made again is watched again`() async throws {
    try await withWatcher { folder, hints in
      #expect(await hints.next() == .scan(.started))
      for round in 1...2 {
        try folder.remove("watched")
        #expect(await hints.next() == .scan(.watchLost))
        try folder.makeDirectory("watched")
        #expect(await hints.next() == .scan(.watchRegained))
        try folder.write("\(round).json")
        #expect(await hints.next() == .name("\(round).json"))
      }
    }
  }

  @Test func `a directory that was moved away is watched no more`() async throws {
    try await withWatcher { folder, hints in
      #expect(await hints.next() == .scan(.started))
      try folder.move("watched", to: "elsewhere")
      try folder.write("unseen.json", in: "elsewhere")
      #expect(await hints.next() == .scan(.watchLost))
      try folder.makeDirectory("watched")
      #expect(await hints.next() == .scan(.watchRegained))
      try folder.write("unseen too.json", in: "elsewhere")
      try folder.write("seen.json")
      #expect(await hints.next() == .name("seen.json"))
    }
  }

  @Test func `a directory whose parent was moved is missed within seconds`() async throws {
    try await withWatcher { folder, hints in
      #expect(await hints.next() == .scan(.started))
      try folder.moveWhole(by: ".away")
      #expect(await hints.next() == .scan(.watchLost))
      try folder.moveWholeBack(by: ".away")
      #expect(await hints.next() == .scan(.watchRegained))
    }
  }

  @Test func `stopping takes about a second and may be asked twice`() async throws {
    let folder = try Folder()
    defer { folder.removeAll() }
    let watcher = Watcher(directory: folder.watched) { _ in }
    watcher.stop()
    try watcher.start()
    let start = ContinuousClock.now
    watcher.stop()
    watcher.stop()
    // A second by the library's own wait; a busy machine may take more.
    #expect(start.duration(to: .now) < .seconds(10))
  }

  @Test func `a second watcher is refused until the first has stopped`() async throws {
    try await withWatcher { folder, _ in
      let second = Watcher(directory: folder.url("outside").path) { _ in }
      #expect(throws: WatchError.alreadyRunning) { try second.start() }
    }
    try await withWatcher { _, hints in #expect(await hints.next() == .scan(.started)) }
  }

  @Test func `events that one watcher left come out of no other`() async throws {
    let folder = try Folder()
    defer { folder.removeAll() }
    let first = try SelfStopper(directory: folder.watched)
    for number in 1...100 { try folder.write("stale \(number).json") }
    await first.openGate()
    let (stream, continuation) = AsyncStream<Hint>.makeStream()
    let second = Watcher(directory: folder.url("outside").path) { continuation.yield($0) }
    try second.start()
    defer { second.stop() }
    var hints = Hints(stream)
    #expect(await hints.next() == .scan(.started))
    try folder.write("fresh.json", in: "outside")
    #expect(await hints.next() == .name("fresh.json"))
  }

  @Test func `what cannot be watched says so and leaves the place free`() async throws {
    let folder = try Folder()
    defer { folder.removeAll() }
    let missing = folder.url("missing").path
    #expect(throws: WatchError.directoryMissing(missing + "/")) { try Watcher(directory: missing) { _ in }.start() }
    try folder.write("file.json")
    let file = folder.url("watched/file.json").path
    #expect(throws: WatchError.notADirectory(file + "/")) { try Watcher(directory: file) { _ in }.start() }
    let watcher = Watcher(directory: folder.watched + "/") { _ in }
    try watcher.start()
    watcher.stop()
  }

  @Test func `children do not inherit the watch`() async throws {
    try await withWatcher { _, hints in
      #expect(await hints.next() == .scan(.started))
      let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
      let watches = descriptors.filter { descriptor in
        // A descriptor that is closed meanwhile is none of ours.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")) == "anon_inode:inotify"
      }
      #expect(watches.count == 1)
      for watch in watches { #expect(fcntl(watch, F_GETFD) & FD_CLOEXEC != 0) }
    }
  }

  @Test(arguments: [
    WatchError.alreadyRunning, .directoryMissing("/x"), .notADirectory("/x"), .descriptorTooHigh(1024), .refused(code: ENOSPC),
    .refused(code: EMFILE), .refused(code: EACCES), .refused(code: EIO),
  ])
  func `every error says what happened and what to do`(error: WatchError) {
    #expect(error.reason.hasPrefix("watch."))
    #expect(error.message.hasSuffix("."))
    #expect(error.advice.hasSuffix("."))
  }
}
