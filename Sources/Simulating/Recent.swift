/// The newest elements of a sequence without an end: when it is full, the oldest goes.
struct Recent<Element> {
  let capacity: Int
  /// How many have gone to make room.
  private(set) var dropped = 0
  /// Nil before `oldest`; cut off there now and then, so that no step costs more than a few on average.
  private var slots: [Element?] = []
  private var oldest = 0

  /// - Parameter capacity: At least 1.
  init(capacity: Int) {
    precondition(capacity >= 1, "a list must hold something")
    self.capacity = capacity
  }

  var count: Int { slots.count - oldest }

  /// Oldest first.
  var elements: [Element] { slots[oldest...].compactMap { $0 } }

  mutating func append(_ element: Element) {
    if count == capacity { dropOldest() }
    slots.append(element)
  }

  /// Nil when there is none.
  @discardableResult
  mutating func dropOldest() -> Element? {
    guard count > 0 else { return nil }
    let element = slots[oldest]
    slots[oldest] = nil
    oldest += 1
    dropped += 1
    if oldest >= 64, oldest * 2 >= slots.count {
      slots.removeFirst(oldest)
      oldest = 0
    }
    return element
  }

  mutating func removeAll() {
    self = Recent(capacity: capacity)
  }
}

extension Recent: Sendable where Element: Sendable {}
