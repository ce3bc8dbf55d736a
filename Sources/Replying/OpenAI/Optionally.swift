/// A value among others that is read if it can be, and harms no other if it cannot.
struct Optionally<Value: Decodable>: Decodable {
  let value: Value?

  init(from decoder: any Decoder) throws {
    // What cannot be read counts as missing.
    value = try? Value(from: decoder)
  }
}

extension KeyedDecodingContainer {
  /// Nil for a field that is missing, null, or of another type.
  func optional<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
    // A field of another type is a missing one, and must not hide its neighbours.
    try? decodeIfPresent(type, forKey: key)
  }
}
