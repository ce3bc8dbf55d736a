import Foundation
import Testing
import Watching

/// A directory `watched` and one `outside`, in a temporary place of their own.
struct Folder {
  private let root: URL

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "watching-\(UUID().uuidString)")
    for name in ["watched", "outside"] { try makeDirectory(name) }
  }

  var watched: String { url("watched").path }

  func url(_ path: String) -> URL { root.appending(path: path) }

  func makeDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(at: url(path), withIntermediateDirectories: true)
  }

  /// Made and closed in one go, without a temporary name.
  func write(_ name: String, in directory: String = "watched") throws {
    let descriptor = creat(url(directory).path + "/" + name, 0o600)
    try #require(descriptor >= 0)
    close(descriptor)
  }

  func move(_ path: String, to other: String) throws { try #require(rename(url(path).path, url(other).path) == 0) }

  func remove(_ path: String) throws { try FileManager.default.removeItem(at: url(path)) }

  func moveWhole(by suffix: String) throws { try #require(rename(root.path, root.path + suffix) == 0) }

  func moveWholeBack(by suffix: String) throws { try #require(rename(root.path + suffix, root.path) == 0) }

  func removeAll() {
    // What stays is only litter in the temporary directory.
    try? FileManager.default.removeItem(at: root)
  }
}

/// The hints of one watcher, one after the other.
struct Hints {
  private var iterator: AsyncStream<Hint>.Iterator

  init(_ stream: AsyncStream<Hint>) { iterator = stream.makeAsyncIterator() }

  mutating func next() async -> Hint? { await iterator.next(isolation: #isolation) }
}

/// Runs a watcher on a fresh folder for one test.
func withWatcher(_ body: (Folder, inout Hints) async throws -> Void) async throws {
  let folder = try Folder()
  defer { folder.removeAll() }
  let (stream, continuation) = AsyncStream<Hint>.makeStream()
  let watcher = Watcher(directory: folder.watched) { continuation.yield($0) }
  try watcher.start()
  defer { watcher.stop() }
  var hints = Hints(stream)
  try await body(folder, &hints)
}
