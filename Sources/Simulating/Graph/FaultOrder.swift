/// Reads the description of a fault, as it is posted to `/simulator/faults`.
struct FaultOrder {
  private let fields: [String: JSONValue]

  private static let keys: Set<String> = [
    "match", "times", "delay_ms", "status", "code", "details", "retry_after", "hang_up", "garbage", "cut_body", "hang", "silent", "chance",
    "seed",
  ]

  static func fault(_ bytes: [UInt8]) throws(FaultOrderError) -> Fault {
    guard let fields = JSONValue(bytes)?.object else { throw .notAnObject }
    try checkKeys(of: fields, allowed: keys)
    return try FaultOrder(fields: fields).fault()
  }

  private func fault() throws(FaultOrderError) -> Fault {
    var fault = Fault()
    try readMatch(into: &fault)
    fault.times = try integer("times", 0...1_000_000) ?? 1
    fault.delay = .milliseconds(try integer("delay_ms", 0...600_000) ?? 0)
    fault.status = try status()
    fault.code = try integer("code", 0...9_999_999)
    fault.details = try string("details", in: fields)
    fault.retryAfter = try retryAfter()
    fault.isSilent = try bool("silent")
    fault.chance = try chance()
    fault.seed = UInt64(try integer("seed", 0...Int(Int32.max)) ?? 0)
    try readEnding(into: &fault)
    return fault
  }

  private func readMatch(into fault: inout Fault) throws(FaultOrderError) {
    guard let value = fields["match"] else { return }
    guard let match = value.object else { throw .wrongValue(key: "match", allowed: "an object") }
    try Self.checkKeys(of: match, allowed: ["to", "number", "text_contains"])
    fault.to = try string("to", in: match)
    fault.number = try string("number", in: match)
    fault.textContains = try string("text_contains", in: match)
  }

  private func readEnding(into fault: inout Fault) throws(FaultOrderError) {
    let moment = try silence("hang_up", allowsTrue: false)
    let hang = try silence("hang", allowsTrue: true)
    let endings: [(key: String, ending: Fault.Ending, isSet: Bool)] = [
      ("hang_up", .hangUp, moment != nil), ("hang", .hang, hang != nil), ("garbage", .garbage, try bool("garbage")),
      ("cut_body", .cutBody, try bool("cut_body")),
    ]
    let chosen = endings.filter(\.isSet)
    guard let first = chosen.first else { return }
    if chosen.count > 1 { throw .contradiction(first.key, chosen[1].key) }
    fault.ending = first.ending
    fault.countsFirst = (moment ?? hang) == "after"
    guard first.ending == .hangUp || first.ending == .hang else { return }
    for key in ["status", "code", "details", "retry_after"] where fields[key] != nil { throw .contradiction(first.key, key) }
  }

  /// `before` or `after` the message is counted; nil when the key is not there or false.
  private func silence(_ key: String, allowsTrue: Bool) throws(FaultOrderError) -> String? {
    guard let value = fields[key] else { return nil }
    if allowsTrue, value == true { return "before" }
    if allowsTrue, value == false { return nil }
    guard value == "before" || value == "after" else {
      throw .wrongValue(key: key, allowed: allowsTrue ? "true, \"before\" or \"after\"" : "\"before\" or \"after\"")
    }
    return value.string
  }

  private func status() throws(FaultOrderError) -> Int? {
    guard let status = try integer("status", 200...599) else { return nil }
    guard ![204, 205, 304].contains(status) else {
      throw .wrongValue(key: "status", allowed: "from 200 to 599, and none of 204, 205 and 304, which carry no body")
    }
    return status
  }

  private func retryAfter() throws(FaultOrderError) -> String? {
    guard let value = fields["retry_after"] else { return nil }
    if let seconds = value.integer, (0...1_000_000).contains(seconds) { return String(seconds) }
    guard let date = value.string, (1...100).contains(date.utf8.count), date.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw .wrongValue(key: "retry_after", allowed: "a number of seconds from 0 to 1000000, or an HTTP date")
    }
    return date
  }

  private func chance() throws(FaultOrderError) -> Double {
    guard let value = fields["chance"] else { return 1 }
    guard case .number(let chance) = value, (0...1).contains(chance) else {
      throw .wrongValue(key: "chance", allowed: "a number from 0 to 1")
    }
    return chance
  }

  private func integer(_ key: String, _ range: ClosedRange<Int>) throws(FaultOrderError) -> Int? {
    guard let value = fields[key] else { return nil }
    guard let number = value.integer, range.contains(number) else {
      throw .wrongValue(key: key, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func bool(_ key: String) throws(FaultOrderError) -> Bool {
    switch fields[key] {
    case .none: return false
    case .bool(let value): return value
    default: throw .wrongValue(key: key, allowed: "true or false")
    }
  }

  private func string(_ key: String, in object: [String: JSONValue]) throws(FaultOrderError) -> String? {
    guard let value = object[key] else { return nil }
    guard let string = value.string, !string.isEmpty else { throw .wrongValue(key: key, allowed: "a text that is not empty") }
    return string
  }

  private static func checkKeys(of object: [String: JSONValue], allowed: Set<String>) throws(FaultOrderError) {
    guard let key = object.keys.filter({ !allowed.contains($0) }).min() else { return }
    throw .unknownKey(key)
  }
}
