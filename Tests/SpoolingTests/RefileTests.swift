import Foundation
import Glibc
import Testing

@testable import Spooling

/// What was filed and gets another verdict, and whose reason file may be replaced.
struct RefileTests {
  private static let failed = "failed/2026-11-22/a"
  private static let tomorrow = Day(moment("2026-11-23T00:00:00.000Z"))

  /// A spool in which a.json has failed today, and the place of it.
  private func withFailed(_ body: (Spool, FiledPayload) throws -> Void) throws {
    try withSpool { spool in
      try spool.put("deferred/a.json", "content")
      let place = try spool.settle(id("a.json"), as: .failed(reasonFile("first")), on: today, lookingFirstIn: nil)
      try body(spool, try #require(place))
    }
  }

  @Test(arguments: [false, true])
  func `a failed payload is done straight from where it lies`(hasNamesake: Bool) throws {
    try withFailed { spool, place throws in
      if hasNamesake { try spool.put("done/2026-11-22/a.json", "another") }
      let name = hasNamesake ? "a~2.json" : "a.json"
      #expect(try spool.settle(place, as: .done, on: today)?.id == id(name))
      #expect(try spool.text("done/2026-11-22/" + name) == "content")
      #expect(try spool.tree().count == (hasNamesake ? 2 : 1))
      #expect(try spool.settle(place, as: .done, on: today) == nil)
      #expect(try spool.settle(place, as: .failed(reasonFile()), on: today) == nil)
      #expect(try spool.settle(place, as: .failed(reasonFile()), on: RefileTests.tomorrow) == nil)
      #expect(try spool.tree().count == (hasNamesake ? 2 : 1))
    }
  }

  @Test func `a payload that fails again on its day stays and has the new reason`() throws {
    try withFailed { spool, place throws in
      #expect(try spool.settle(place, as: .failed(reasonFile("second")), on: today) == place)
      #expect(try spool.failures().map(\.reason?.reason) == ["second"])
      #expect(try spool.tree() == [RefileTests.failed + ".json", RefileTests.failed + ".reason.json"])
    }
  }

  @Test func `a payload that fails again on another day moves with its new reason`() throws {
    try withFailed { spool, place throws in
      _ = try spool.settle(place, as: .failed(reasonFile("second")), on: RefileTests.tomorrow)
      #expect(try spool.failures().map(\.reason?.reason) == ["second"])
      #expect(try spool.tree() == ["failed/2026-11-23/a.json", "failed/2026-11-23/a.reason.json"])
    }
  }

  @Test func `what is done stays where it is`() throws {
    try withSpool { spool in
      try spool.put("done/2026-11-22/a.json")
      let place = try #require(try spool.locate("a.json").first)
      #expect(try spool.settle(place, as: .done, on: RefileTests.tomorrow) == place)
      #expect(try spool.tree() == ["done/2026-11-22/a.json"])
    }
  }

  @Test func `the reason that another process has just placed is not replaced`() throws {
    try withSpool { spool in
      let other = String(decoding: try reasonFile().bytes(), as: UTF8.self).replacingOccurrences(of: "corr-1", with: "corr-2")
      try spool.put(RefileTests.failed + ".reason.json", other)
      try spool.put("deferred/a.json")
      #expect(try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: nil)?.id == id("a~2.json"))
      #expect(try spool.text(RefileTests.failed + ".reason.json") == other)
    }
  }

  @Test func `a reason whose payload has been gone for long is replaced`() throws {
    try withSpool { spool in
      try spool.put(RefileTests.failed + ".reason.json", "somebody's")
      let old = Date(timeIntervalSinceNow: -660)
      try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: "\(spool.path)/\(RefileTests.failed).reason.json")
      try spool.put("deferred/a.json")
      #expect(try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: nil)?.id == id("a.json"))
      #expect(try spool.failures().map(\.reason) == [reasonFile()])
    }
  }

  @Test func `a reason stays beside the payload that another process has moved meanwhile`() throws {
    try withSpool { spool in
      try spool.put("deferred/a.json")
      let filed = try spool.file(id("a.json"), as: .failed(reasonFile()), on: today) { _, _ throws(SpoolError) in
        _ = try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: nil)
        return .missing
      }
      #expect(filed == nil)
      #expect(try spool.failures().map(\.reason) == [reasonFile()])
      #expect(try spool.tree() == [RefileTests.failed + ".json", RefileTests.failed + ".reason.json"])
    }
  }

  @Test func `no more than 16 MiB are read, and of regular files only`() throws {
    try withSpool { spool in
      for name in ["a", "b"] { try spool.put("hold/\(name).json", "content") }
      #expect(truncate(spool.path + "/hold/b.json", 16 * 1024 * 1024 + 1) == 0)
      mkdir(spool.path + "/hold/c.json", 0o700)
      let contents = try ["a", "b", "c", "d"].map { name in
        let place = try spool.locate(name).first ?? FiledPayload(folder: .hold, id: id("d.json"), path: "")
        return spool.content(of: place)
      }
      #expect(
        contents == [
          .success(Array("content".utf8)), .failure(.tooLarge(bytes: 16 * 1024 * 1024 + 1)), .failure(.notRegular),
          .failure(.unreadable(errno: ENOENT)),
        ]
      )
    }
  }
}
