import Foundation
import Testing
import Watching

/// The descriptors that select(2) can wait for.
private enum LowDescriptors {
  static var canBeUsedUp: Bool {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 && limit.rlim_cur >= 2000
  }

  /// Opens files until the next descriptor is well over 1024.
  static func useUp() -> Bool {
    while true {
      let descriptor = open("/dev/null", O_RDONLY)
      if descriptor < 0 { return false }
      if descriptor >= 1100 { return true }
    }
  }
}

extension WatcherTests {
  /// In child processes: they use up the descriptors of the process.
  @Suite(.enabled(if: LowDescriptors.canBeUsedUp)) struct Descriptors {
    @Test func `a watcher that comes too late refuses instead of aborting`() async {
      await #expect(processExitsWith: .success) {
        let folder = try Folder()
        defer { folder.removeAll() }
        #expect(LowDescriptors.useUp())
        let watcher = Watcher(directory: folder.watched) { _ in }
        let error = #expect(throws: WatchError.self) { try watcher.start() }
        #expect(error?.reason == "watch.descriptor_too_high")
      }
    }

    @Test func `a watch is regained when the low descriptors are gone, and nothing is said on standard error`() async throws {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        try await withWatcher { folder, hints in
          #expect(await hints.next() == .scan(.started))
          #expect(LowDescriptors.useUp())
          for round in 1...3 {
            if round == 2 { try folder.move("watched", to: "elsewhere") } else { try folder.remove("watched") }
            #expect(await hints.next() == .scan(.watchLost))
            // What the lost watch gave back is gone too by the time it begins anew.
            #expect(LowDescriptors.useUp())
            try folder.makeDirectory("watched")
            #expect(await hints.next() == .scan(.watchRegained))
            try folder.write("\(round).json")
            #expect(await hints.next() == .name("\(round).json"))
          }
        }
      }
      let said = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
      #expect(!said.contains("watch on") && !said.contains("assertion") && !said.contains("Failed"))
    }
  }
}
