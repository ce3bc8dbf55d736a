internal import Crypto
internal import Foundation
internal import Parsing
internal import Recording
internal import Spooling

/// One claimed file, read: what the ledger is to record of it.
struct Reading: Sendable {
  let id: PayloadID
  let arrival: Payloads.Arrival
  let content: Result<ParsedPayload, Unreadable>

  /// Why a file holds no events.
  struct Unreadable: Error {
    let reason: Reason
    /// Whether the bytes were read and are no payload, or no lines of payloads: then they may have been cut off by a writer that is not done.
    let isMalformed: Bool
  }

  init(_ file: ClaimedFile) {
    id = file.id
    let bytes: [UInt8]
    let line = file.originalName.flatMap(BulkLine.init).map { "Line \($0.number) of \($0.file): " } ?? ""
    switch file.content {
    case .success(let read):
      bytes = read
      do throws(ParseError) {
        content = .success(try ParsedPayload(bytes: read))
      } catch {
        let reason = Reason(code: error.reason, message: line + error.message, advice: error.advice)
        content = .failure(Unreadable(reason: reason, isMalformed: true))
      }
    case .failure(let fault):
      bytes = []
      let reason = Reason(code: fault.reason, message: line + fault.message, advice: fault.advice)
      content = .failure(Unreadable(reason: reason, isMalformed: fault == .noLines))
    }
    arrival = Payloads.Arrival(
      name: file.id.description,
      originalName: file.originalName,
      sha256: Array(SHA256.hash(data: bytes)),
      bytes: bytes.count,
      receivedAt: file.receivedAt
    )
  }
}
