internal import Foundation

/// Many slow clients: each sends one byte a second of a request that never ends, and comes again when it is sent away.
struct Trickle {
  private let port: Int
  private var sockets: [Socket] = []
  private var places: [Int] = []
  private let text: [UInt8]

  init(port: Int, connections: Int) throws(MeasureFailure) {
    self.port = port
    let load = Load(port: port, connections: connections)
    text = SignedRequests(load).bytes
    for index in 0..<connections {
      sockets.append(try Socket(port: port))
      // Half of them are in the header, half in the body, of which they owe a kilobyte.
      places.append(index % 2 == 0 ? 0 : text.count - load.bytes)
      if index % 2 == 1 { _ = sockets[index].send(text.prefix(places[index])) }
    }
  }

  /// Goes on for so many seconds; says how often a connection was ended by the server.
  mutating func run(seconds: Double) throws(MeasureFailure) -> Int {
    let end = monotonic() + Int(seconds * 1e9)
    var ended = 0
    while monotonic() < end {
      for index in sockets.indices {
        if sockets[index].send(text[places[index]..<(places[index] + 1)]) {
          places[index] += 1
        } else {
          ended += 1
          sockets[index] = try Socket(port: port)
          places[index] = 0
        }
      }
      Thread.sleep(forTimeInterval: max(0, min(1, Double(end - monotonic()) / 1e9)))
    }
    return ended
  }
}
