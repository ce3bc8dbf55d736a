import Foundation
import Glibc
import Testing

@testable import Spooling

struct OwnerTests {
  @Test func `a living owner is not dead to anybody`() throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      let other = try Spool(at: spool.path)
      #expect(try other.deadOwners(sparing: nil).isEmpty)
      #expect(try spool.deadOwners(sparing: owner).isEmpty)
      #expect(try spool.has("active/\(owner.name)/lock"))
      try owner.close()
    }
  }

  @Test func `two owners never share a name`() throws {
    try withSpool { spool in
      let owners = try (0..<20).map { _ in try spool.openOwner() }
      #expect(Set(owners.map(\.name)).count == 20)
      #expect(try spool.counts().ownersAlive == 20)
    }
  }

  @Test func `a closed owner leaves nothing, and its files go back`() throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      try spool.put("active/\(owner.name)/a.json", "one")
      try spool.put("incoming/a.json", "two")
      try owner.close()
      try owner.close()
      #expect(try spool.tree() == ["incoming/a.json", "incoming/a~2.json"])
      #expect(try spool.text("incoming/a~2.json") == "one")
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path + "/active") == [])
    }
  }

  @Test func `a dropped owner is dead, and only one finder gets it`() throws {
    try withSpool { spool in
      var owner: Owner? = try spool.openOwner()
      let name = owner?.name ?? ""
      try spool.put("active/\(name)/a.json")
      owner = nil
      let found = try spool.deadOwners(sparing: nil)
      #expect(found.map(\.name) == [name])
      #expect(try Spool(at: spool.path).deadOwners(sparing: nil).isEmpty)
      #expect(try found.first?.reclaim() == 1)
      #expect(try spool.tree() == ["incoming/a.json"])
      #expect(try !spool.has("active/\(name)"))
      #expect(try spool.deadOwners(sparing: nil).isEmpty)
    }
  }

  @Test func `a dead owner that nobody reclaimed is found again`() throws {
    try withSpool { spool in
      _ = try spool.openOwner()
      #expect(try spool.deadOwners(sparing: nil).count == 1)
      #expect(try spool.deadOwners(sparing: nil).count == 1)
    }
  }

  @Test func `a reclaimed file never replaces a namesake`() throws {
    try withSpool { spool in
      try spool.put("active/gone/a.json", "claimed")
      try spool.put("active/gone/notes.txt", "kept too")
      try spool.put("incoming/a.json", "dropped")
      #expect(try spool.recover() == 2)
      #expect(try spool.tree() == ["incoming/a.json", "incoming/a~2.json", "incoming/notes.txt"])
      #expect(try spool.text("incoming/a.json") == "dropped")
    }
  }

  @Test func `stray files in active belong to nobody and harm nobody`() throws {
    try withSpool { spool in
      try spool.put("active/stray.json")
      #expect(try spool.deadOwners(sparing: nil).isEmpty)
      #expect(try spool.counts().ownersAlive == 0)
      #expect(try spool.settle(id("x.json"), as: .done, on: today, lookingFirstIn: nil) == nil)
    }
  }

  @Test func `an owner lists its payloads in order`() throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      for name in ["b.json", "a.json", "c.txt"] { try spool.put("active/\(owner.name)/\(name)") }
      #expect(try owner.names() == [id("a.json"), id("b.json")])
    }
  }

  @Test func `an owner whose folder was removed takes in nothing and says so`() throws {
    try withSpool { spool in
      let owner = try spool.openOwner()
      let inbox = Inbox(spool: spool, owner: owner)
      try spool.put("incoming/a.json")
      try FileManager.default.removeItem(atPath: spool.path + "/active/" + owner.name)
      #expect(throws: SpoolError.missing(path: spool.path + "/active/" + owner.name)) { try inbox.take() }
      #expect(try spool.tree() == ["incoming/a.json"])
    }
  }
}
