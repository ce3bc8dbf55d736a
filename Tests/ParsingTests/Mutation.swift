import Foundation

@testable import Parsing

// Ways to spoil a payload.

/// What was done to a payload, and where.
struct Mutation: CustomStringConvertible {
  enum Act: String, CaseIterable {
    case delete
    case retype
    case duplicate
    case truncate
    case nest
  }

  let act: Act
  /// `entry[0].changes[0].value.messages[1].text`, as an event's place; empty for the whole.
  var path: String
  /// By how much the elements after it in its list have moved.
  var shift = 0

  var description: String { "\(act) \(path)" }

  /// Whether an event at this place may be another one now.
  func touches(_ place: String) -> Bool {
    guard let entry = prefix(of: path, upTo: "entry") else { return true }
    guard inside(place, entry) else { return inside(entry, place) }
    let ofEntry = path.dropFirst(entry.count)
    for list in ["messaging", "standby"] where ofEntry.hasPrefix(".\(list)") {
      let element = prefix(of: path, upTo: list) ?? path
      return inside(place, element) || inside(element, place)
    }
    guard ofEntry.hasPrefix(".changes") else { return true }
    guard let change = prefix(of: path, upTo: "changes") else { return true }
    guard inside(place, change) else { return inside(change, place) }
    let ofChange = path.dropFirst(change.count)
    let lists = ["messages", "statuses", "message_echoes", "errors", "user_preferences", "history"]
    let isInList = lists.contains { name in
      [".value.", ".value.standby."].contains { inside(String(ofChange), $0 + name) }
    }
    // What is not in a list says something of all events of the change: who, where, which field.
    guard isInList || ofChange == ".value.standby" else { return true }
    return inside(place, path) || inside(path, place)
  }

  /// Where an event stands now that was at this place before.
  func moved(_ place: String) -> String {
    guard shift != 0, let bracket = path.lastIndex(of: "["), let index = Int(path[path.index(after: bracket)...].dropLast()) else {
      return place
    }
    let list = path[...bracket]
    guard place.hasPrefix(list), let end = place[list.endIndex...].firstIndex(of: "]"), let own = Int(place[list.endIndex..<end]),
      own > index
    else { return place }
    return "\(list)\(own + shift)\(place[end...])"
  }

  /// Whether `place` is `other`, or lies in it.
  private func inside(_ place: String, _ other: String) -> Bool {
    place.hasPrefix(other) && (place.utf8.count == other.utf8.count || ".[".contains(place.dropFirst(other.count).prefix(1)))
  }

  private func prefix(of path: String, upTo list: String) -> String? {
    guard let range = path.range(of: "\(list)["), let end = path[range.upperBound...].firstIndex(of: "]") else { return nil }
    return String(path[...end])
  }
}

extension JSON {
  /// What a careless sender could put in any place.
  static let oddities: [JSON] = [
    .null, .bool(true), .bool(false), .number(Number(text: "-1")), .number(Number(text: "1e400")),
    .number(Number(text: "12345678901234567890123")),
    .string(""), .string("\u{FFFD}"), .string("text"), .string("15550100177"), .array([]), .array([.null]), .object(Object(members: [])),
    .object(Object(members: [Member(key: "id", value: .array([]))])),
  ]

  /// How many values lie in this one, itself included.
  var size: Int {
    switch self {
    case .array(let elements): elements.reduce(1) { $0 + $1.size }
    case .object(let object): object.members.reduce(1) { $0 + $1.value.size }
    case .null, .bool, .number, .string: 1
    }
  }

  /// Spoils the value with this number, counted in the order of the text.
  mutating func mutate(_ position: Int, using generator: inout SeededGenerator) -> Mutation {
    guard position > 0 else { return spoil(using: &generator) }
    var left = position - 1
    switch self {
    case .array(var elements):
      for index in elements.indices {
        let size = elements[index].size
        if left >= size {
          left -= size
          continue
        }
        let path = "[\(index)]"
        switch left == 0 ? Int.random(in: 0..<3, using: &generator) : 2 {
        case 0:
          elements.remove(at: index)
          self = .array(elements)
          return Mutation(act: .delete, path: path, shift: -1)
        case 1:
          elements.insert(elements[index], at: index)
          self = .array(elements)
          return Mutation(act: .duplicate, path: path, shift: 1)
        default:
          var mutation = elements[index].mutate(left, using: &generator)
          self = .array(elements)
          mutation.path = path + mutation.path
          return mutation
        }
      }
    case .object(var object):
      for index in object.members.indices {
        let size = object.members[index].value.size
        if left >= size {
          left -= size
          continue
        }
        let key = object.members[index].key
        switch left == 0 ? Int.random(in: 0..<3, using: &generator) : 2 {
        case 0:
          object.members.remove(at: index)
          self = .object(object)
          return Mutation(act: .delete, path: ".\(key)")
        case 1:
          object.members.append(Member(key: key, value: Self.oddities.randomElement(using: &generator) ?? .null))
          self = .object(object)
          return Mutation(act: .duplicate, path: ".\(key)")
        default:
          var mutation = object.members[index].value.mutate(left, using: &generator)
          self = .object(object)
          mutation.path = ".\(key)\(mutation.path)"
          return mutation
        }
      }
    case .null, .bool, .number, .string: break
    }
    return Mutation(act: .retype, path: "")
  }

  /// Spoils the value itself.
  private mutating func spoil(using generator: inout SeededGenerator) -> Mutation {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      for _ in 0..<(Bool.random(using: &generator) ? 1 : Int.random(in: 2...150, using: &generator)) { self = .array([self]) }
      return Mutation(act: .nest, path: "")
    case 1:
      switch self {
      case .string(let text): self = .string(String(text.prefix(text.count / 2)))
      case .array(let elements): self = .array(Array(elements.prefix(elements.count / 2)))
      case .object(let object): self = .object(Object(members: Array(object.members.prefix(object.members.count / 2))))
      case .null, .bool, .number: self = .null
      }
      return Mutation(act: .truncate, path: "")
    default:
      self = Self.oddities.randomElement(using: &generator) ?? .null
      return Mutation(act: .retype, path: "")
    }
  }
}
