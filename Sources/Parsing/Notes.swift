/// What was repaired, left out or strange: for the operator, and bounded.
struct Notes: Hashable, Sendable {
  private struct Note: Hashable, Sendable {
    var place: String
    let message: String
  }

  private let limit: Int
  private var kept: [Note] = []
  private var left = 0

  init(limit: Int = 50) { self.limit = limit }

  /// The notes in the order they were made; the last says how many did not fit.
  var lines: [String] {
    if kept.isEmpty { return [] }
    let lines = kept.map { $0.place.isEmpty ? $0.message : "\($0.place): \($0.message)" }
    return left == 0 ? lines : lines + ["and \(left) more"]
  }

  /// - Parameters:
  ///   - message: What is strange, as a sentence's end.
  ///   - place: A path of keys, or nothing for the whole.
  mutating func add(_ message: String, at place: String = "") {
    guard kept.count < limit else {
      left += 1
      return
    }
    kept.append(Note(place: place, message: message))
  }

  /// Puts `key` before the places of all notes that `body` makes.
  ///
  /// So no place is ever put together for what has nothing to note.
  mutating func under<Result>(_ key: @autoclosure () -> String, _ body: (inout Notes) -> Result) -> Result {
    let before = kept.count
    let result = body(&self)
    for index in kept.indices[before...] {
      let inner = kept[index].place
      kept[index].place = inner.isEmpty || inner.hasPrefix("[") ? key() + inner : "\(key()).\(inner)"
    }
    return result
  }
}
