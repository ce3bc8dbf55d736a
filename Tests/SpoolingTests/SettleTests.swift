import Foundation
import Glibc
import Testing

@testable import Spooling

struct SettleTests {
  @Test(arguments: ["active/mine", "active/other", "deferred", "hold"])
  func `a payload is settled from wherever it is open`(place: String) throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      let from = place == "active/mine" ? "active/\(owner.name)" : place
      try spool.put(from + "/a.json", "content")
      let filed = try spool.settle(id("a.json"), as: .done, on: today, lookingFirstIn: owner)
      #expect(filed == FiledPayload(folder: .done(today), id: id("a.json"), path: "\(spool.path)/done/2026-11-22/a.json"))
      #expect(try spool.tree() == ["done/2026-11-22/a.json"])
      #expect(try spool.text("done/2026-11-22/a.json") == "content")
      #expect(try spool.settle(id("a.json"), as: .done, on: today, lookingFirstIn: owner) == nil)
    }
  }

  @Test func `a payload that is not open is not settled`() throws {
    try withSpool { spool in
      try spool.put("incoming/a.json")
      #expect(try spool.settle(id("a.json"), as: .done, on: today, lookingFirstIn: nil) == nil)
      #expect(try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: nil) == nil)
      #expect(try spool.tree() == ["incoming/a.json"])
    }
  }

  @Test func `a failed payload has its reason beside it`() throws {
    try withSpool { spool in
      try spool.put("deferred/a.json", "content")
      let filed = try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: nil)
      #expect(filed?.path == "\(spool.path)/failed/2026-11-22/a.json")
      #expect(try spool.tree() == ["failed/2026-11-22/a.json", "failed/2026-11-22/a.reason.json"])
      #expect(ReasonFile(Array(try spool.text("failed/2026-11-22/a.reason.json").utf8)) == reasonFile())
    }
  }

  @Test func `namesakes of a day are numbered in done`() throws {
    try withSpool { spool in
      for content in ["one", "two", "three"] {
        try spool.put("deferred/a.json", content)
        _ = try spool.settle(id("a.json"), as: .done, on: today, lookingFirstIn: nil)
      }
      #expect(try ["a", "a~2", "a~3"].map { try spool.text("done/2026-11-22/\($0).json") } == ["one", "two", "three"])
    }
  }

  @Test func `a namesake in failed numbers payload and reason alike`() throws {
    try withSpool { spool in
      // One that an operator put there without a reason, and a reason whose payload is gone.
      try spool.put("failed/2026-11-22/a.json", "operator's")
      try spool.put("failed/2026-11-22/a~2.reason.json", "orphan")
      try spool.put("deferred/a.json", "content")
      let filed = try spool.settle(id("a.json"), as: .failed(reasonFile()), on: today, lookingFirstIn: nil)
      #expect(filed?.id == id("a~3.json"))
      #expect(try spool.text("failed/2026-11-22/a~3.json") == "content")
      #expect(ReasonFile(Array(try spool.text("failed/2026-11-22/a~3.reason.json").utf8)) == reasonFile())
      #expect(try spool.text("failed/2026-11-22/a.json") == "operator's")
      #expect(try spool.text("failed/2026-11-22/a~2.reason.json") == "orphan")
      #expect(try !spool.has("failed/2026-11-22/a.reason.json"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/tmp") == [])
    }
  }

  @Test func `the longest name can fail, twice`() throws {
    try withSpool { spool in
      let longest = id(String(repeating: "x", count: 115) + ".json")
      for _ in 0..<2 {
        try spool.put("deferred/\(longest)")
        #expect(try spool.settle(longest, as: .failed(reasonFile()), on: today, lookingFirstIn: nil) != nil)
      }
      #expect(try spool.failures().allSatisfy { $0.reason == reasonFile() })
      #expect(try spool.failures().count == 2)
    }
  }

  @Test func `a postponed payload shows when it is due`() throws {
    try withInbox { spool, inbox in
      try spool.put("incoming/a.json", "content")
      let due = moment("2030-01-02T03:04:05.250Z")
      try inbox.take { intake, file in
        try spool.postpone(file.id, until: due, from: inbox.owner)
        intake.end(file.id)
      }
      #expect(try spool.tree() == ["deferred/a.json"])
      let status = try OpenFolder(at: spool.path + "/deferred").status(of: RawName("a.json"))
      #expect(status?.modifiedDate == due)
      try spool.postpone(id("a.json"), until: due, from: inbox.owner)
      try spool.postpone(id("a.json"), until: nil, from: inbox.owner)
    }
  }

  @Test func `a payload stays claimed beside a namesake that an operator put in deferred`() throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      try spool.put("active/\(owner.name)/a.json", "mine")
      try spool.put("deferred/a.json", "operator's")
      try spool.postpone(id("a.json"), until: nil, from: owner)
      #expect(try spool.text("deferred/a.json") == "operator's")
      _ = try spool.settle(id("a.json"), as: .done, on: today, lookingFirstIn: owner)
      #expect(try spool.text("done/2026-11-22/a.json") == "mine")
    }
  }
}
