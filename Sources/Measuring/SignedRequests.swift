internal import Crypto
internal import Foundation
internal import Receiving

/// Makes signed webhook requests, each different from all others, in one buffer.
struct SignedRequests {
  /// The request that was made last.
  private(set) var bytes: [UInt8]

  private let keyed: HMAC<SHA256>
  private let codeStart: Int
  private let numberStart: Int
  private let bodyStart: Int
  private static let digits = 12

  /// - Parameter load: Says how long a body is; shorter ones than a payload's frame are not made.
  init(_ load: Load) {
    let frame = { (text: String) in
      """
      {"object":"whatsapp_business_account","entry":[{"id":"105500000000001","changes":[{"field":"messages","value":{"messaging_product":\
      "whatsapp","metadata":{"display_phone_number":"15550100001","phone_number_id":"105500000000002"},"contacts":[{"profile":{"name":\
      "Ada"},"wa_id":"15550100188"}],"messages":[{"from":"15550100188","id":"wamid.\(load.run)-000000000000","timestamp":"1770000000",\
      "type":"text","text":{"body":"\(text)"}}]}}]}]}
      """
    }
    let body = frame(String(repeating: "x", count: max(1, load.bytes - frame("").utf8.count)))
    let head = """
      POST \(Webhook.path) HTTP/1.1\r\nHost: 127.0.0.1:\(load.port)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\
      \(WebhookSignature.headerName): sha256=
      """
    bytes = Array(head.utf8) + Array(repeating: UInt8(ascii: "0"), count: 64) + Array("\r\n\r\n".utf8) + Array(body.utf8)
    codeStart = head.utf8.count
    bodyStart = codeStart + 64 + 4
    let upToNumber = body.range(of: "wamid.\(load.run)-").map { body[..<$0.upperBound].utf8.count } ?? 0
    numberStart = bodyStart + upToNumber
    keyed = HMAC<SHA256>(key: SymmetricKey(data: Data(Load.secret.utf8)))
  }

  /// Makes the request with this number.
  mutating func make(_ number: Int) {
    var rest = number
    for place in stride(from: numberStart + Self.digits - 1, through: numberStart, by: -1) {
      bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    var code = keyed
    bytes.withUnsafeBytes { code.update(data: UnsafeRawBufferPointer(rebasing: $0[bodyStart...])) }
    let hex = Array("0123456789abcdef".utf8)
    for (index, byte) in code.finalize().enumerated() {
      bytes[codeStart + 2 * index] = hex[Int(byte >> 4)]
      bytes[codeStart + 2 * index + 1] = hex[Int(byte & 15)]
    }
  }
}
