package import Foundation
import Glibc
package import Spooling

/// Keeps each payload as a file of its own: synced, renamed into incoming/, the folder synced.
///
/// The waiting for the disk happens on threads of its own; they end when the last copy of the store is gone. A payload is kept even when
/// the task that asked is cancelled.
package struct SpoolStore: PayloadStore {
  private let spool: Spool
  private let threads = StoreThreads()

  package init(spool: Spool) {
    self.spool = spool
  }

  package func keep(_ bytes: [UInt8], receivedAt: Date) async throws(SpoolError) -> PayloadID {
    let kept = await threads.run { [spool] () -> Result<PayloadID, SpoolError> in
      do throws(SpoolError) {
        return .success(try spool.dropCopy(of: bytes, named: nil, receivedAt: receivedAt))
      } catch {
        return .failure(error)
      }
    }
    // None runs only when the threads have ended, and they live as long as this store.
    guard let kept else { throw .exhausted(code: ECANCELED) }
    return try kept.get()
  }
}
