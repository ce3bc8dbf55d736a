/// Where in a payload something stands: `entry[0].changes[1].value.messages[2]`.
struct Place: CustomStringConvertible {
  let list: String
  /// Counted from 0; nil for what is no element of a list.
  let index: Int?

  init(_ list: String, _ index: Int? = nil) { (self.list, self.index) = (list, index) }

  var description: String { index.map { "\(list)[\($0)]" } ?? list }
}
