package import Foundation

/// A copy of a payload whose messages are of now, under new ids: so that a fixture can be sent again and again.
///
/// Sets `timestamp` and `id` of every element of `entry[].changes[].value.messages[]`, also where they were missing; of every element of
/// `entry[].messaging[]` that has a `message` or a `postback`, `timestamp` and its `mid`. Statuses, edits and what takes a message back stay as they
/// are.
/// White space goes, numbers keep their digits.
///
/// - Parameters:
///   - bytes: A payload.
///   - now: The new time, UTC.
///   - messageID: Gives the new id of a message, counted from 0 over the whole payload.
/// - Returns: The new bytes; the old ones when they are not JSON.
package func freshened(_ bytes: [UInt8], now: Date, messageID: (Int) -> String) -> [UInt8] {
  // What cannot be read is handed on as it is: such a fixture is there to show what becomes of it.
  guard var document = try? JSONReader.read(bytes).value else { return bytes }
  var count = 0
  let timestamp = String(Int(now.timeIntervalSince1970))
  document.forEachElement(of: ["entry", "changes", "value", "messages"]) { message in
    guard case .object(var object) = message else { return }
    object.set("timestamp", to: .string(timestamp))
    object.set("id", to: .string(messageID(count)))
    count += 1
    message = .object(object)
  }
  let milliseconds = JSON.int(Int(now.timeIntervalSince1970 * 1000))
  document.forEachElement(of: ["entry", "messaging"]) { element in
    guard case .object(var object) = element, let key = ["message", "postback"].first(where: { object[$0] != nil }),
      case .object(var body)? = object[key], body["is_deleted"]?.boolValue != true
    else { return }
    body.set("mid", to: .string(messageID(count)))
    object.set(key, to: .object(body))
    object.set("timestamp", to: milliseconds)
    count += 1
    element = .object(object)
  }
  return Array(document.text().utf8)
}

extension JSON {
  /// Changes what lies at the end of `path`, going through every element of each list on the way.
  fileprivate mutating func forEachElement(of path: ArraySlice<String>, _ change: (inout JSON) -> Void) {
    switch self {
    case .array(var elements):
      for index in elements.indices { elements[index].forEachElement(of: path, change) }
      self = .array(elements)
    case .object(var object):
      guard let key = path.first else { return change(&self) }
      for index in object.members.indices where object.members[index].key == key {
        object.members[index].value.forEachElement(of: path.dropFirst(), change)
      }
      self = .object(object)
    case .null, .bool, .number, .string: break
    }
  }
}

extension JSON.Object {
  fileprivate mutating func set(_ key: String, to value: JSON) {
    members.removeAll { $0.key == key }
    members.append(JSON.Member(key: key, value: value))
  }
}
