import Dispatch
import Foundation
import Spooling

/// The one thread that writes receipts.
final class ReceiptThread: Sendable {
  private let folder: ReceiptFolder
  private let queue: ReceiptQueue
  private let onTrouble: @Sendable (ReceiptTrouble) -> Void

  init(folder: ReceiptFolder, queue: ReceiptQueue, onTrouble: @escaping @Sendable (ReceiptTrouble) -> Void) {
    (self.folder, self.queue, self.onTrouble) = (folder, queue, onTrouble)
  }

  func start() {
    let thread = Thread { [self] in
      run()
      queue.end()
    }
    thread.name = "receipts"
    thread.start()
  }

  private func run() {
    var held: [ReceiptQueue.Chunk] = []
    var failure: ReceiptError?
    while true {
      while held.isEmpty, queue.isIdle { queue.bell.wait() }
      // Lines gather meanwhile; after a failure the disk gets some time.
      if failure == nil { rest(.milliseconds(100)) { queue.isUrgent } } else { rest(.seconds(1)) { queue.isClosing } }
      // Before the lines are taken: what comes after the last take is lost, and nothing comes once it closes.
      let isLast = queue.isClosing
      held += queue.take()
      do throws(ReceiptError) {
        try write(&held)
        if failure != nil { onTrouble(.over) }
        failure = nil
        let lost = queue.tellLost()
        if lost > 0 { onTrouble(.lost(lines: lost)) }
        if isLast, lost == 0 { return }
      } catch {
        if failure?.reason != error.reason { onTrouble(.failing(error)) }
        failure = error
        guard isLast else { continue }
        let lost = held.reduce(0) { $0 + $1.lines }
        queue.lose(lost)
        return onTrouble(.lost(lines: lost))
      }
    }
  }

  /// Waits that long, or until `isOver`; looked at whenever the bell rings.
  private func rest(_ time: DispatchTimeInterval, until isOver: () -> Bool) {
    let deadline = DispatchTime.now() + time
    while !isOver(), queue.bell.wait(timeout: deadline) == .success {}
  }

  /// Writes what is held, and keeps what could not be written.
  private func write(_ held: inout [ReceiptQueue.Chunk]) throws(ReceiptError) {
    while let chunk = held.first {
      // Each line begins with a day that exists.
      if let day = Day(String(decoding: chunk.day, as: UTF8.self)) { try folder.append(chunk.bytes, to: day) }
      queue.wrote(chunk.bytes.count)
      held.removeFirst()
    }
  }
}
