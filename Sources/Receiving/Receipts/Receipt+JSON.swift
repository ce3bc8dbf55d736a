import Foundation
import Spooling

extension Receipt {
  /// Its line in the file of its day.
  var line: ReceiptLine {
    var line = ReceiptLine(at: at)
    line.add("request_id", text: requestID)
    line.add("peer", text: peer)
    line.add("bytes", number: bytes)
    line.add("sha256", hex: sha256)
    line.add("signature", text: signature)
    line.add("verdict", text: verdict)
    line.add("secret", number: secret)
    line.add("status", number: status)
    line.add("file", text: file?.description)
    line.add("milliseconds", milliseconds: took)
    if isRestored { line.addTrue("restored") }
    line.end()
    return line
  }

  /// When it was, as in its line: `2026-11-22T07:30:12.123Z`.
  package var time: String { ReceiptLine(at: at).time }

  /// Reads a line; nil when it is torn, or tells of something else.
  init?(line: some DataProtocol) {
    // What cannot be read is no receipt: a torn line is expected after a crash.
    guard let receipt = try? JSONDecoder().decode(Receipt.self, from: Data(line)) else { return nil }
    self = receipt
  }
}

extension Receipt: Decodable {
  private enum CodingKeys: String, CodingKey {
    case at, peer, bytes, sha256, signature, verdict, secret, status, file, milliseconds, restored
    case requestID = "request_id"
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let name = try fields.decodeIfPresent(String.self, forKey: .file)
    let file = name.flatMap { PayloadID($0) }
    guard (name == nil) == (file == nil) else {
      throw DecodingError.dataCorruptedError(forKey: .file, in: fields, debugDescription: "not the name of a payload")
    }
    let sha256 = try fields.decodeIfPresent(String.self, forKey: .sha256)
    let milliseconds = try fields.decodeIfPresent(Double.self, forKey: .milliseconds)
    self.init(
      at: try Date(try fields.decode(String.self, forKey: .at), strategy: Self.time),
      requestID: try fields.decode(String.self, forKey: .requestID),
      peer: try fields.decodeIfPresent(String.self, forKey: .peer),
      bytes: try fields.decodeIfPresent(Int.self, forKey: .bytes),
      sha256: sha256.flatMap { WebhookSignature.code(in: "sha256=" + $0) },
      signature: try fields.decodeIfPresent(String.self, forKey: .signature),
      verdict: try fields.decode(String.self, forKey: .verdict),
      secret: try fields.decodeIfPresent(Int.self, forKey: .secret),
      status: try fields.decodeIfPresent(Int.self, forKey: .status),
      file: file,
      took: milliseconds.map { .microseconds(($0 * 1000).rounded()) },
      isRestored: try fields.decodeIfPresent(Bool.self, forKey: .restored) ?? false)
  }

  /// How times are read: `2026-11-22T07:30:12.123Z`.
  private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
