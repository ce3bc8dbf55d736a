/// Reads what the descriptions of all faults have in common, as they are posted to `/simulator/faults`.
struct FaultReader {
  private let fields: [String: JSONValue]

  /// What ``read(into:endings:unanswered:)`` reads.
  static let keys: Set<String> = ["times", "delay_ms", "status", "retry_after", "hang_up", "hang", "chance", "seed"]

  /// `bytes` is what was posted; `keys` may be in it, beside ``keys``.
  init(_ bytes: [UInt8], keys: Set<String>) throws(FaultOrderError) {
    guard let fields = JSONValue(bytes)?.object else { throw .notAnObject }
    self.fields = fields
    try checkKeys(of: fields, allowed: Self.keys.union(keys))
  }

  subscript(_ key: String) -> JSONValue? { fields[key] }

  /// Fills in what all faults have.
  ///
  /// `endings` are the switches that spoil an answer; the keys in `unanswered` say something about an answer, and contradict a fault that
  /// gives none.
  func read(
    into fault: inout some StandInFault,
    endings: [(key: String, ending: FaultEnding)],
    unanswered: [String]
  ) throws(FaultOrderError) {
    fault.times = try integer("times", 0...1_000_000) ?? 1
    fault.delay = .milliseconds(try integer("delay_ms", 0...600_000) ?? 0)
    fault.status = try status()
    fault.retryAfter = try retryAfter()
    fault.chance = try chance()
    fault.seed = UInt64(try integer("seed", 0...Int(Int32.max)) ?? 0)
    let (moment, hang) = (try silence("hang_up", allowsTrue: false), try silence("hang", allowsTrue: true))
    var chosen: [(key: String, ending: FaultEnding)] = []
    if moment != nil { chosen.append(("hang_up", .hangUp)) }
    if hang != nil { chosen.append(("hang", .hang)) }
    for ending in endings where try bool(ending.key) { chosen.append(ending) }
    guard let first = chosen.first else { return }
    if chosen.count > 1 { throw .contradiction(first.key, chosen[1].key) }
    fault.ending = first.ending
    fault.countsFirst = (moment ?? hang) == "after"
    if !first.ending.isAnswered { try refuse(unanswered, beside: first.key) }
  }

  /// Refuses the first of `keys` that is there: `key` contradicts it.
  func refuse(_ keys: [String], beside key: String) throws(FaultOrderError) {
    for other in keys where fields[other] != nil { throw .contradiction(key, other) }
  }

  /// Nil when the key is not there.
  func object(_ key: String, keys: Set<String>) throws(FaultOrderError) -> [String: JSONValue]? {
    guard let value = fields[key] else { return nil }
    guard let object = value.object else { throw .wrongValue(key: key, allowed: "an object") }
    try checkKeys(of: object, allowed: keys)
    return object
  }

  func integer(_ key: String, _ range: ClosedRange<Int>) throws(FaultOrderError) -> Int? {
    guard let value = fields[key] else { return nil }
    guard let number = value.integer, range.contains(number) else {
      throw .wrongValue(key: key, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func bool(_ key: String) throws(FaultOrderError) -> Bool {
    switch fields[key] {
    case .none: return false
    case .bool(let value): return value
    default: throw .wrongValue(key: key, allowed: "true or false")
    }
  }

  /// Nil when the key is not there; an empty text is refused.
  func string(_ key: String, in object: [String: JSONValue]? = nil) throws(FaultOrderError) -> String? {
    guard let value = (object ?? fields)[key] else { return nil }
    guard let string = value.string, !string.isEmpty else { throw .wrongValue(key: key, allowed: "a text that is not empty") }
    return string
  }

  /// `before` or `after` the call is counted; nil when the key is not there or false.
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

  private func checkKeys(of object: [String: JSONValue], allowed: Set<String>) throws(FaultOrderError) {
    guard let key = object.keys.filter({ !allowed.contains($0) }).min() else { return }
    throw .unknownKey(key)
  }
}
