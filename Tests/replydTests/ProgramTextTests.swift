import Foundation
import Testing

@testable import replyd

@Suite struct `The program's text` {
  @Test(
    arguments: [
      ("55d0c8a00000-55d0c9e00000 r-xp 00000000 fe:00 123456                     /usr/bin/replyd", 0x55d0_c8a0_0000..<0x55d0_c9e0_0000),
      ("7f0000000000-7f0000001000 r-xp 00026000 fe:00 7 /lib/a library.so", 0x7f00_0000_0000..<0x7f00_0000_1000),
      // Written, or of no file.
      ("7f0000000000-7f0000001000 rw-p 00026000 fe:00 7 /lib/x.so", nil),
      ("7f0000000000-7f0000001000 r--p 00000000 fe:00 7 /lib/x.so", nil),
      ("7f0000000000-7f0000001000 r-xp 00000000 00:00 0", nil), ("7f0000000000-7f0000001000 r-xp 00000000 00:00 0     [vdso]", nil),
      ("", nil),
    ] as [(String, Range<UInt>?)])
  func `is found by the kernel's list`(line: String, addresses: Range<UInt>?) {
    #expect(ProgramText.mapping(of: line) == addresses)
  }

  @Test func `works as before when it was let go`() throws {
    let resident = try residentKilobytes()
    ProgramText.release()
    #expect(try residentKilobytes() < resident)
    #expect([3, 1, 2].sorted() == [1, 2, 3])
  }

  private func residentKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(Int(line.filter(\.isNumber)))
  }
}
