@testable import Parsing

// Ways to spoil a payload.

extension JSON {
  /// What a careless sender could put in any place.
  static let oddities: [JSON] = [
    .null, .bool(true), .number(Number(text: "-1")), .number(Number(text: "1e400")), .string(""), .string("\u{FFFD}"), .string("text"),
    .array([]),
    .array([.null]), .object(Object(members: [])), .object(Object(members: [Member(key: "id", value: .array([]))])),
  ]

  /// How many values lie in this one, itself included.
  var size: Int {
    switch self {
    case .array(let elements): elements.reduce(1) { $0 + $1.size }
    case .object(let object): object.members.reduce(1) { $0 + $1.value.size }
    case .null, .bool, .number, .string: 1
    }
  }

  /// Spoils the value with this number, counted in the order of the text: deletes, retypes, doubles or nests it.
  mutating func mutate(_ position: Int, using generator: inout SeededGenerator) {
    guard position > 0 else {
      self = Bool.random(using: &generator) ? Self.oddities.randomElement(using: &generator) ?? .null : .array([self])
      return
    }
    var left = position - 1
    switch self {
    case .array(var elements):
      for index in elements.indices {
        let size = elements[index].size
        guard left >= size else {
          if left > 0 || Bool.random(using: &generator) {
            elements[index].mutate(left, using: &generator)
          } else if Bool.random(using: &generator) {
            elements.remove(at: index)
          } else {
            elements.insert(elements[index], at: index)
          }
          break
        }
        left -= size
      }
      self = .array(elements)
    case .object(var object):
      for index in object.members.indices {
        let size = object.members[index].value.size
        guard left >= size else {
          if left > 0 || Bool.random(using: &generator) {
            object.members[index].value.mutate(left, using: &generator)
          } else if Bool.random(using: &generator) {
            object.members.remove(at: index)
          } else {
            object.members.append(Member(key: object.members[index].key, value: Self.oddities.randomElement(using: &generator) ?? .null))
          }
          break
        }
        left -= size
      }
      self = .object(object)
    case .null, .bool, .number, .string: break
    }
  }
}
