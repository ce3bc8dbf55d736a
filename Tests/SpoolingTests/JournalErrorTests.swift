import Testing

@testable import Spooling

struct JournalErrorTests {
  @Test(arguments: [
    (JournalError.full(path: "/spool"), "journal.full", true), (.backlog(bytes: 1), "journal.backlog", true),
    (.failed(.faulty(path: "/spool")), "journal.failed", true), (.failed(.notWritable(path: "/spool")), "journal.failed", false),
    (.tooLarge(bytes: 1), "journal.too_large", false), (.closed, "journal.closed", true),
  ])
  func `an error has a reason, a sentence and advice`(error: JournalError, reason: String, isTemporary: Bool) {
    #expect(error.reason == reason)
    #expect(error.isTemporary == isTemporary)
    #expect(error.message.hasSuffix("."))
    #expect(error.advice.hasSuffix("."))
  }

  @Test func `a full disk is told apart from one that fails`() {
    #expect(JournalError(.full(path: "/a")) == .full(path: "/a"))
    #expect(JournalError(.faulty(path: "/a")) == .failed(.faulty(path: "/a")))
  }

  @Test func `a sync that has failed is not said to go on by itself`() {
    for error in [SpoolError.full(path: "/a"), .faulty(path: "/a")] {
      #expect(!JournalTrouble.notSynced(error).advice.contains("by itself"))
      #expect(JournalTrouble.notSynced(error).advice.contains("restart"))
    }
  }

  @Test(arguments: [
    (JournalTrouble.notWritten(.faulty(path: "/a")), "journal.not_written"), (.notFiled(.full(path: "/a")), "journal.not_filed"),
    (.filedAgain, "journal.filed_again"), (.notSynced(.faulty(path: "/a")), "journal.not_synced"),
    (.notRemoved(.notWritable(path: "/a")), "journal.not_removed"), (.damaged(path: "/a", groups: 2), "journal.damaged"),
    (.unreadable(path: "/a", .faulty(path: "/a")), "journal.unreadable"), (.newer(path: "/a"), "journal.newer"),
    (.tooOld(id("a.json")), "journal.too_old"), (.spoilt(path: "/a"), "journal.spoilt"), (.torn(path: "/a"), "journal.torn"),
  ])
  func `a trouble has a reason, a sentence and advice`(trouble: JournalTrouble, reason: String) {
    #expect(trouble.reason == reason)
    #expect(trouble.message.hasSuffix("."))
    #expect(!trouble.advice.isEmpty)
  }
}
