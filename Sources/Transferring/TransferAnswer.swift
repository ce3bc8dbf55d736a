/// A whole answer to one request.
///
/// An answer without a length ends where its server hangs up, so such a body may be short without a sign: what is read from it must be
/// checked by its own form.
package struct TransferAnswer: Sendable {
  /// The HTTP status: redirects are answers like others, and are not followed.
  package let status: Int
  /// In the order of the wire, trailers left out.
  package let headers: [TransferRequest.Header]
  /// As it came: no compression is asked for, and none is undone.
  package let body: [UInt8]

  package init(status: Int, headers: [TransferRequest.Header] = [], body: [UInt8] = []) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  /// The first value of a header, whatever the case of its name.
  package func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}
