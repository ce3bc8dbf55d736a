import Recording
import Spooling
import Testing

@testable import Processing

@Suite struct ProcessingErrorTests {
  @Test(arguments: [LedgerError.busy, .closed]) func `a ledger's fault speaks for itself`(error: LedgerError) {
    let wrapped = ProcessingError.ledger(error)
    #expect(wrapped.reason == error.reason)
    #expect(wrapped.isTemporary == error.isTemporary)
    #expect(wrapped.message == error.message)
    #expect(wrapped.advice == error.advice)
  }

  @Test(arguments: [SpoolError.missing(path: "x"), .notFolder(path: "y")]) func `a spool's fault speaks for itself`(error: SpoolError) {
    let wrapped = ProcessingError.spool(error)
    #expect(wrapped.reason == error.reason)
    #expect(wrapped.isTemporary == error.isTemporary)
    #expect(wrapped.message == error.message)
    #expect(wrapped.advice == error.advice)
  }
}
