package import Foundation

/// Writes receipts, `receipts/<day>.jsonl` in the spool, without ever making a request wait.
///
/// Lines wait in memory, at most 16 MiB of them, for a thread that writes them every 100 ms or at 64 KiB; beyond that they are lost, and a line
/// says how many. A crash loses what waits: ``restore(_:inSpool:)`` makes the receipts of payloads again. Refusals of one address beyond ten a
/// second are one line a second. Any number of processes may write to one spool.
package final class ReceiptLog: Sendable {
  private let folder: ReceiptFolder
  private let queue: ReceiptQueue

  /// Starts the thread; the folder is made with the first line.
  ///
  /// - Parameters:
  ///   - path: The spool's folder.
  ///   - now: The time (UTC) by which refusals are counted.
  ///   - onTrouble: Told on the thread when nothing can be written, when that is over, and how much is lost; must not block for long.
  package init(
    spool path: String, now: @escaping @Sendable () -> Date = { Date() }, onTrouble: @escaping @Sendable (ReceiptTrouble) -> Void
  ) {
    folder = ReceiptFolder(spool: path)
    queue = ReceiptQueue(now: now)
    ReceiptThread(folder: folder, queue: queue, onTrouble: onTrouble).start()
  }

  deinit {
    // The thread writes what waits, and ends; nobody waits for it.
    queue.close()
  }

  /// Takes a receipt, to be written soon; never waits for the disk.
  ///
  /// After ``close()`` it is lost.
  package func write(_ receipt: Receipt) {
    queue.put(receipt)
  }

  /// Writes what waits, and ends the thread; when nothing can be written, what waits is lost, and told.
  ///
  /// - Returns: How many lines were lost since it was started.
  @discardableResult
  package func close() async -> Int {
    queue.close()
    await queue.ended()
    return queue.lostInAll
  }

  /// The most that are looked for in one reading of a day's file.
  package static let restoredAtOnce = 16_384

  /// Writes those receipts that no line of their day has: what a crash had lost.
  ///
  /// It waits for the disk, and reads the file of each day once for each ``restoredAtOnce``.
  ///
  /// - Parameters:
  ///   - receipts: Of payloads that recovery found in the journal; those without a file name are passed over.
  ///   - path: The spool's folder.
  /// - Returns: How many lines were written.
  /// - Throws: What the file system said; then some may be written, and it can be done again.
  @discardableResult
  package static func restore(_ receipts: some Sequence<Receipt>, inSpool path: String) throws(ReceiptError) -> Int {
    try ReceiptRestorer(folder: ReceiptFolder(spool: path)).restore(receipts)
  }
}
