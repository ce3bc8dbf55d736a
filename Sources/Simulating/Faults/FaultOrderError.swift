/// Why a fault cannot be armed as it was described.
enum FaultOrderError: Error, Hashable, Sendable {
  case notAnObject
  case unknownKey(String)
  case wrongValue(key: String, allowed: String)
  case contradiction(String, String)

  var message: String {
    switch self {
    case .notAnObject: "The body must be one JSON object that describes a fault."
    case .unknownKey(let key): "There is no key \"\(key.prefix(100))\" in a fault."
    case .wrongValue(let key, let allowed): "\"\(key)\" must be \(allowed)."
    case .contradiction(let one, let other): "\"\(one)\" and \"\(other)\" cannot both be in one fault."
    }
  }
}
