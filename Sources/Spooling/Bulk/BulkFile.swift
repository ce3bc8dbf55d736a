package import Foundation

/// A bulk file that this process has claimed: one payload a line, to be taken apart.
package struct BulkFile: Hashable, Sendable {
  /// Its name from now on.
  package let id: PayloadID
  /// The name under which it was dropped, for display, where it could not keep it.
  package let originalName: String?
  /// From the name where that is ours, else the file's ctime before the claim (UTC); the time of receipt of all its lines.
  package let receivedAt: Date
}

/// How far a bulk file is.
package struct BulkStanding: Hashable, Sendable {
  package let name: String
  /// How many lines of it are payloads of their own by now, blank ones counted.
  package let line: Int
  /// How many it has.
  package let lines: Int
}
