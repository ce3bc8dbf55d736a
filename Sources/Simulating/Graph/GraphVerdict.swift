/// What Graph is asked for, once every rule has been kept.
enum GraphVerdict: Hashable, Sendable {
  case message(GraphMessage)
  case markRead
  case number(id: String, version: String)
}
