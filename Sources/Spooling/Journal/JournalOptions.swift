extension Journal {
  /// What an operator may choose about a journal.
  package struct Options: Sendable {
    /// Where its segments lie, perhaps on another local disk; nil for the spool's own `journal/`.
    package var folder: String?
    /// The most bytes that may be acknowledged and not be files yet.
    package var maxBytes = 4 * 1024 * 1024 * 1024
    /// The length of one segment; at least 64 KiB, and a payload must fit into it.
    package var segmentBytes = 16 * 1024 * 1024
    /// The most bytes of the payloads that share one sync; one payload may be longer.
    package var groupBytes = 4 * 1024 * 1024
    /// How long a closed segment stays, so that the kernel has written most of its files by itself.
    package var settleTime = Duration.seconds(30)
    /// Under so many free bytes, in the spool or the journal, nothing is taken.
    package var leastFreeBytes = 64 * 1024 * 1024
    /// Under so many free inodes, in the spool or the journal, nothing is taken.
    package var leastFreeInodes = 1000

    /// The values of a daemon.
    package init() {}

    /// Whole blocks.
    var segmentLength: Int { JournalLayout.nextBlock(max(segmentBytes, 64 * 1024)) }

    /// Of a record that fits into a segment by itself.
    var longestRecord: Int { segmentLength - JournalLayout.block - JournalLayout.groupHeadLength }
  }
}
