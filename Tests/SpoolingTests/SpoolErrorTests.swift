import Glibc
import Testing

@testable import Spooling

struct SpoolErrorTests {
  @Test(arguments: [
    (ENOSPC, "spool.full", true), (EDQUOT, "spool.full", true), (EIO, "spool.faulty", true), (EACCES, "spool.not_writable", false),
    (EPERM, "spool.not_writable", false), (EROFS, "spool.not_writable", false), (EMFILE, "spool.exhausted", true),
    (ENOENT, "spool.missing", false), (ENOTDIR, "spool.not_folder", false), (EXDEV, "spool.across_devices", false),
    (ELOOP, "spool.failed", false),
  ])
  func `what the kernel says is told apart`(code: Int32, reason: String, isTemporary: Bool) {
    let error = SpoolError(code, of: "renameat2", at: "/spool/tmp")
    #expect(error.reason == reason)
    #expect(error.isTemporary == isTemporary)
    #expect(!error.message.isEmpty && error.message.hasSuffix("."))
    #expect(!error.advice.isEmpty)
  }

  @Test func `the advice for a foreign spool has the line to type`() {
    let error = SpoolError.foreign(owner: "replyd", path: "/spool")
    #expect(error.advice.contains("sudo -u replyd"))
    #expect(error.reason == "spool.foreign")
  }

  @Test(arguments: [
    (FileFault.notRegular, "file.not_regular"), (.unreadable(errno: EACCES), "file.unreadable"),
    (.tooLarge(bytes: 17_000_000), "file.too_large"),
  ])
  func `a file's fault has a reason, a sentence and advice`(fault: FileFault, reason: String) {
    #expect(fault.reason == reason)
    #expect(!fault.isTemporary)
    #expect(fault.message.hasSuffix("."))
    #expect(!fault.advice.isEmpty)
  }
}
