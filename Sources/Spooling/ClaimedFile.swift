package import Foundation

/// One file that now lies in active/<owner>, and what was read from it there.
package struct ClaimedFile: Sendable {
  /// Its name from now on.
  package let id: PayloadID
  /// The name under which it was dropped, for display, where it could not keep it.
  ///
  /// Bytes that are no UTF-8 show as U+FFFD. Of what was a line of a bulk file, that file and the line: `export.ndjson:17`.
  package let originalName: String?
  /// From the name where that is ours, else the file's ctime before the claim (UTC), or that of the bulk file it came in.
  package let receivedAt: Date
  /// The exact bytes, or why there are none.
  package let content: Result<[UInt8], FileFault>

  package init(id: PayloadID, originalName: String?, receivedAt: Date, content: Result<[UInt8], FileFault>) {
    (self.id, self.originalName, self.receivedAt, self.content) = (id, originalName, receivedAt, content)
  }
}
