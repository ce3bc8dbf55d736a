internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The fields of a request's body; those that nobody asks for are ignored.
struct Form: Sendable {
  enum Value: Hashable, Sendable {
    case null
    case bool
    case number(Double)
    case text(String)
    /// An array or an object, or a number that no computer counts to.
    case other

    var text: String? {
      if case .text(let text) = self { text } else { nil }
    }
  }

  /// In bytes.
  static let limit = 262_144

  private let values: [String: Value]

  /// Reads the whole body; only for who has shown a right to be here.
  init(reading request: Request) async throws(ServingError) {
    guard Form.isJSON(request.headers[.contentType] ?? "") else { throw .notJSONType }
    guard (request.headers[.contentEncoding] ?? "identity").lowercased() == "identity" else { throw .encoded }
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: Form.limit)
    } catch is NIOTooManyBytesError {
      throw .tooLarge(limit: Form.limit)
    } catch {
      // Whatever ended the body, its sender or the connection did it.
      throw .cutOff
    }
    try self.init(body.readableBytesView)
  }

  init(_ bytes: some Collection<UInt8>) throws(ServingError) {
    // The decoder would take UTF-16 as well, and what it makes of invalid UTF-8 is not written down.
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .malformed }
    do {
      values = try JSONDecoder().decode([String: Value].self, from: Data(bytes))
    } catch {
      throw .malformed
    }
  }

  /// A field that must be there.
  func required<T>(_ name: String, _ rule: Rule<T>) throws(ServingError) -> T {
    guard let value = try optional(name, rule) else { throw .fieldMissing(name, allowed: rule.allowed) }
    return value
  }

  /// A field that may be missing or null.
  func optional<T>(_ name: String, _ rule: Rule<T>) throws(ServingError) -> T? {
    guard let value = values[name], value != .null else { return nil }
    guard let read = rule.read(value) else { throw .fieldWrong(name, allowed: rule.allowed) }
    return read
  }

  private static func isJSON(_ contentType: String) -> Bool {
    let type = contentType.prefix { $0 != ";" }
    return type.trimmingCharacters(in: .whitespaces).lowercased() == "application/json"
  }
}

extension Form.Value: Decodable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Each `try?` asks for one kind.
    if container.decodeNil() {
      self = .null
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if (try? container.decode(Bool.self)) != nil {
      self = .bool
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .other
    }
  }
}
