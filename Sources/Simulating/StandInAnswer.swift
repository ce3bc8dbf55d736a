/// An HTTP answer of a stand-in, before it is written.
struct StandInAnswer: Hashable, Sendable {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]

  init(status: Int, headers: [String: String], body: [UInt8]) {
    (self.status, self.headers, self.body) = (status, headers, body)
  }

  init(status: Int, json: JSONValue) {
    self.init(status: status, headers: ["Content-Type": "application/json; charset=utf-8"], body: json.bytes)
  }
}
