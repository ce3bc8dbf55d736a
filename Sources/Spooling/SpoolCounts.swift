package import Foundation

/// How many payloads lie where, at about one moment: each folder is read once, while others go on moving files.
package struct SpoolCounts: Sendable, Hashable {
  /// In incoming/: `*.json` and `*.ndjson`, to be claimed.
  package var ready = 0
  /// In incoming/: other endings, which stay there.
  package var ignored = 0
  /// In incoming/: dot files, `*.tmp`, `*.part`.
  package var unfinished = 0
  /// Payloads: a bulk file that is being taken apart is told by `Spool.bulkFiles`.
  package var active = 0
  package var deferred = 0
  package var hold = 0
  /// Payloads: the bulk files beside them are not counted.
  package var doneTotal = 0
  package var doneToday = 0
  package var failedTotal = 0
  package var failedToday = 0
  /// Processes that hold a folder under active/.
  package var ownersAlive = 0
  /// Since when the oldest ready payload waits: from its name where that is ours, else its ctime (of at most 4,096 dropped names); nil when
  /// none waits.
  package var oldestWaiting: Date?
}
