import Foundation
import Glibc
import Testing
import Transferring

/// `/readyz` of the whole program, on a disk that fills up.
@Suite(.enabled(if: geteuid() == 0, "only root can mount a file system to fill"))
struct ReadinessTests {
  @Test func `a receiver is not ready under the floor of free space, says what to do, and is ready again by itself`() async throws {
    let settings = ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0", "REPLYD_JOURNAL": "disk/journal"]
    try await Workplace.with(settings: settings) { place in
      let disk = place.folder + "/disk"
      try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
      try #require(mount("tmpfs", disk, "tmpfs", 0, "size=64m") == 0, "errno \(errno)")
      defer { umount2(disk, Int32(MNT_DETACH)) }
      let receiver = try place.start(["receive"])
      var url: Substring?
      try await place.until("the receiver") {
        url = receiver.said.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/)?.output
        return url != nil
      }
      let look = TransferRequest(method: .get, url: String(try #require(url)) + "/readyz")
      #expect(try await place.transferrer.transfer(look).status == 200)
      // A twentieth of the disk is the floor of one as small as this.
      let free = try #require(try FileManager.default.attributesOfFileSystem(forPath: disk)[.systemFreeSize] as? Int)
      try Data(count: free - (64 << 20) / 25).write(to: URL(fileURLWithPath: disk + "/ballast"))
      var told = ""
      try await place.until("the refusal") {
        let answer = try await place.transferrer.transfer(look)
        told = String(decoding: answer.body, as: UTF8.self)
        return answer.status == 503
      }
      #expect(told.contains("journal: free space or inodes of the journal's disk are under their floor (journal.full): free"), "\(told)")
      #expect(!told.contains(disk))
      try FileManager.default.removeItem(atPath: disk + "/ballast")
      try await place.until("the recovery") { try await place.transferrer.transfer(look).status == 200 }
      #expect(try await receiver.stop().status == 0)
    }
  }
}
