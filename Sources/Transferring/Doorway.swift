/// Lets only so many transfers to one host open their connections at a time; the others of that host wait in order.
///
/// libcurl resolves each new connection's name on a thread of its own: ten thousand turns that begin together would be thousands of threads,
/// and a host that is far away would see as many handshakes in one moment.
struct Doorway {
  /// Enough for 1,000 new connections a second at 100 ms each.
  static let width = 100

  private struct Door {
    var opening = 0
    var waiting: [UInt64] = []
    /// What stands before this place in `waiting` has gone in.
    var head = 0

    var mayOpen: Bool { opening < Doorway.width && head < waiting.count }

    mutating func takeFirst() -> UInt64 {
      defer {
        head += 1
        if head == waiting.count { (waiting, head) = ([], 0) }
      }
      return waiting[head]
    }
  }

  private var doors: [String: Door] = [:]
  /// The hosts at which somebody may go in.
  private var ready: Set<String> = []

  var mayOpen: Bool { !ready.isEmpty }

  mutating func arrive(_ number: UInt64, at host: String) { change(host) { $0.waiting.append(number) } }

  /// The next that may open its connection, in the order of arrival at its host.
  mutating func next() -> (number: UInt64, host: String)? {
    guard let host = ready.first else { return nil }
    let number = change(host) { door in
      door.opening += 1
      return door.takeFirst()
    }
    return (number, host)
  }

  /// One that went in is connected, or has given up.
  mutating func leave(_ host: String) { change(host) { $0.opening -= 1 } }

  private mutating func change<Result>(_ host: String, _ body: (inout Door) -> Result) -> Result {
    var door = doors.removeValue(forKey: host) ?? Door()
    let result = body(&door)
    if door.opening > 0 || !door.waiting.isEmpty { doors[host] = door }
    if door.mayOpen { ready.insert(host) } else { ready.remove(host) }
    return result
  }
}
