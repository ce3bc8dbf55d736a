@testable import Parsing

/// A value of a JSON text that holds no others, with the way to it.
struct Leaf {
  /// `entry[0].changes[0].value.messages[0].text.body`.
  let path: String
  let key: String
  let value: JSON

  /// All leaves that say something: no nulls, no empty texts.
  static func all(of json: JSON, at path: String = "", key: String = "") -> [Leaf] {
    switch json {
    case .null, .string(""): []
    case .bool, .number, .string: [Leaf(path: path, key: key, value: json)]
    case .array(let elements): elements.enumerated().flatMap { all(of: $1, at: "\(path)[\($0)]", key: key) }
    case .object(let object):
      object.members.flatMap { all(of: $0.value, at: path.isEmpty ? $0.key : "\(path).\($0.key)", key: $0.key) }
    }
  }

  /// The ways in which an event may write the value.
  var spellings: [String] {
    guard let text = value.stringValue else { return [value.text()] }
    var spellings = [text, text.lowercased()]
    if case .date(let date) = Timestamp(value) { spellings.append(date.text) }
    if let number = Double(text) { spellings.append("\(number)") }
    return spellings
  }
}
