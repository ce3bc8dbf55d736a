internal import CCurl
internal import Glibc
internal import NIOConcurrencyHelpers

/// Makes HTTP requests, thousands at a time, on one thread of its own.
///
/// It follows no redirect, keeps no cookie, reads no `.netrc` and no proxy from the environment, and trusts the certificates of the system.
/// A POST is written at most once, whatever becomes of its connection; a GET or a DELETE without a body may be written again when a connection
/// that served before dies without an answer. A connection that has been idle for 50 s, or is 10 minutes old, is not used again.
package final class Transferrer: Sendable {
  private let inbox: Inbox

  /// libcurl's global state: made once, and never freed, for other libraries may use it too.
  private static let globalCode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - connections: How many connections may be open at once, idle ones included; further requests wait for one, and their timeouts run.
  ///     Nil: half of the descriptors that the process may open now, so raise RLIMIT_NOFILE first.
  ///   - userAgent: What servers are told.
  /// - Throws: `.notSent` when the system gives no memory, thread or descriptor.
  package init(connections: Int? = nil, userAgent: String = "replyd") throws(TransferError) {
    let most = max(1, connections ?? Self.halfOfDescriptors())
    guard Self.globalCode == CURLE_OK, let loop = TransferLoop(connections: most, userAgent: userAgent) else {
      throw .notSent(code: CURLE_FAILED_INIT.number, detail: "libcurl cannot start")
    }
    inbox = loop.inbox
    guard TransferThread.start(loop) else { throw .notSent(code: CURLE_FAILED_INIT.number, detail: "the system gives no thread") }
  }

  deinit { inbox.close() }

  /// Makes one request and waits for its whole answer, whatever its status.
  ///
  /// Cancelling the task ends the transfer at once, by hanging up where it is under way.
  ///
  /// - Parameter request: What to write; limits of time and size are in it.
  /// - Returns: The answer, with any status from 200 on.
  /// - Throws: `.notSent` when it is certain that nothing was written; `.cut` when the server may have the request; `.cancelled`; `.closed`.
  package func transfer(_ request: consuming TransferRequest) async throws(TransferError) -> TransferAnswer {
    if let fault = request.fault { throw .notSent(code: CURLE_BAD_FUNCTION_ARGUMENT.number, detail: fault) }
    guard !Task.isCancelled else { throw .cancelled(wasSent: false) }
    let number = inbox.nextNumber()
    // Handed over and not held here: ten thousand that wait need each body once.
    let parcel = Parcel(request)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard inbox.put(.start(Job(number: number, request: parcel.handOver(), outcome: continuation))) else {
          return continuation.resume(returning: .failure(.closed))
        }
        // The handler below may have run before there was anything to cancel.
        if Task.isCancelled { _ = inbox.put(.cancel(number)) }
      }
    } onCancel: {
      // Refused only when closed, which ends the transfer as well.
      _ = inbox.put(.cancel(number))
    }
    return try outcome.get()
  }

  /// Ends the thread and everything under way; further requests are refused with `.closed`.
  ///
  /// May be called from anywhere, more than once, and does not wait: outcomes and connections end within a moment.
  package func close() { inbox.close() }

  private static func halfOfDescriptors() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
    return Int(min(limit.rlim_cur, 1 << 20) / 2)
  }
}

/// A request on its way from the task that makes it to the transfer thread.
private final class Parcel: Sendable {
  private let request: NIOLockedValueBox<TransferRequest>

  init(_ request: consuming TransferRequest) { self.request = NIOLockedValueBox(request) }

  /// The request; what is left behind has no body.
  func handOver() -> TransferRequest {
    request.withLockedValue { request in
      defer { request.body = nil }
      return request
    }
  }
}
