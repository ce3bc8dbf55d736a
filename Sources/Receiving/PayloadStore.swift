package import Spooling

/// Keeps payloads so that no crash loses them.
package protocol PayloadStore: Sendable {
  /// Makes a payload durable: it is when this returns, and only then Meta is told so.
  ///
  /// - Parameter record: The exact body of the request, the name of its file to be, and what its receipt needs.
  /// - Throws: Why it was not taken; Meta then sends the payload again.
  func append(_ record: JournalRecord) async throws(JournalError)
}

extension Journal: PayloadStore {}
