/// The faults that are armed, in the order in which they came.
struct ArmedFaults<Fault: StandInFault>: Sendable {
  private struct Armed {
    let id: Int
    let fault: Fault
    let order: [String: JSONValue]
    var hits = 0
    var dice: SeededDice
  }

  private var armed: [Armed] = []
  private var lastID = 0

  static var capacity: Int { 1000 }

  /// Arms a fault, and answers it as it is listed, in the words of `order`; nil when there are too many.
  mutating func arm(_ fault: Fault, order: [String: JSONValue]) -> JSONValue? {
    guard armed.count < Self.capacity else { return nil }
    lastID += 1
    let new = Armed(id: lastID, fault: fault, order: order, dice: SeededDice(seed: fault.seed))
    armed.append(new)
    return Self.listing(new)
  }

  /// The first fault that strikes `subject`, used up by one; nil when none does.
  mutating func strike(_ subject: Fault.Subject) -> Fault? {
    for index in armed.indices where armed[index].fault.matches(subject) {
      let fault = armed[index].fault
      if fault.chance < 1, Double.random(in: 0..<1, using: &armed[index].dice) >= fault.chance { continue }
      armed[index].hits += 1
      if fault.times > 0, armed[index].hits >= fault.times { armed.remove(at: index) }
      return fault
    }
    return nil
  }

  /// Answers how many there were.
  mutating func clear() -> Int {
    defer { armed = [] }
    return armed.count
  }

  var listings: [JSONValue] { armed.map(Self.listing) }

  private static func listing(_ armed: Armed) -> JSONValue {
    var fields = armed.order
    fields["id"] = JSONValue(armed.id)
    fields["times"] = JSONValue(armed.fault.times)
    fields["hits"] = JSONValue(armed.hits)
    return .object(fields)
  }
}
