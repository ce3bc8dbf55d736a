/// A place on the map.
package struct Location: Record {
  /// Degrees, north is positive.
  package internal(set) var latitude: JSON.Number?
  /// Degrees, east is positive.
  package internal(set) var longitude: JSON.Number?
  /// Only of a place that was chosen from a list, as are `address` and `url`.
  package internal(set) var name: String?
  package internal(set) var address: String?
  package internal(set) var url: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Location>] = [
    .number("latitude", "lat", at: \.latitude),
    .number("longitude", "long", at: \.longitude),
    .text("name", "title", at: \.name),
    .text("address", at: \.address),
    .text("url", at: \.url),
  ]
}
