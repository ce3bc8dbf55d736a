/// The newest elements of a sequence without an end: when it is full, the oldest goes.
struct Recent<Element> {
  let capacity: Int
  /// How many have gone to make room.
  private(set) var dropped = 0
  private var ring: [Element] = []
  private var oldest = 0

  /// - Parameter capacity: At least 1.
  init(capacity: Int) {
    precondition(capacity >= 1, "a list must hold something")
    self.capacity = capacity
  }

  var count: Int { ring.count }

  /// Oldest first.
  var elements: [Element] { Array(ring[oldest...] + ring[..<oldest]) }

  mutating func append(_ element: Element) {
    guard ring.count == capacity else { return ring.append(element) }
    ring[oldest] = element
    oldest = (oldest + 1) % capacity
    dropped += 1
  }

  mutating func removeAll() {
    self = Recent(capacity: capacity)
  }
}

extension Recent: Sendable where Element: Sendable {}
