package import Foundation
package import Spooling

/// Keeps payloads so that no crash loses them.
package protocol PayloadStore: Sendable {
  /// Makes a payload durable: it is when this returns, and only then Meta is told so.
  ///
  /// - Parameters:
  ///   - bytes: The exact body of the request.
  ///   - receivedAt: When it had come whole (UTC).
  /// - Returns: The name of its file.
  /// - Throws: Whatever the file system says; Meta then sends the payload again.
  func keep(_ bytes: [UInt8], receivedAt: Date) async throws(SpoolError) -> PayloadID
}
