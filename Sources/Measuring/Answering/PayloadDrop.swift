internal import Foundation
internal import Glibc
internal import Spooling

/// Puts payloads into a spool as the receiver does: written in tmp/, renamed into incoming/, not synced.
struct PayloadDrop {
  private let tmp: Int32
  private let incoming: Int32
  private let start: Date
  private var message = Stencil(Canned.message)
  /// What stands before and behind the callback data, for each word.
  private var statuses: [String: [Stencil]] = [:]
  private var generator = SystemRandomNumberGenerator()

  /// What becomes of a message, in order.
  static let words = ["sent", "delivered"]

  /// - Parameter spool: Its folders are made when missing.
  /// - Throws: What the file system says.
  init(spool: String) throws {
    for folder in ["tmp", "incoming"] {
      try FileManager.default.createDirectory(
        atPath: spool + "/" + folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    tmp = open(spool + "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    incoming = open(spool + "/incoming", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard tmp >= 0, incoming >= 0 else { throw MeasureFailure.system("open \(spool)") }
    start = Date().addingTimeInterval(-7200)
    for word in Self.words {
      statuses[word] = Canned.status.replacing("WORD", with: word).components(separatedBy: "CALLBACK").map { Stencil($0) }
    }
  }

  /// Numbers' messages that came two hours ago, a millisecond from one to the next.
  mutating func fill(_ numbers: Range<Int>, customers: Int) throws(MeasureFailure) {
    for number in numbers { try drop(number, of: customers, receivedAt: start.addingTimeInterval(Double(number) / 1000)) }
  }

  /// One customer's message, received now.
  ///
  /// - Returns: The time just before it could be seen.
  @discardableResult
  mutating func drop(_ number: Int, of customers: Int, receivedAt: Date = Date()) throws(MeasureFailure) -> Int {
    let customer = number % customers
    message.fill("number", number)
    message.fill("customer", customer)
    message.fill("phone", Customer.phone(customer))
    message.fill("mark", number.scattered)
    message.fill("seconds", Int(receivedAt.timeIntervalSince1970))
    return try write(message.bytes, receivedAt: receivedAt)
  }

  /// A status of the reply that was sent to a customer under this mark.
  mutating func dropStatus(_ word: String, mark: UInt64, phone: Int, callback: [UInt8]) throws(MeasureFailure) {
    let now = Date()
    var bytes: [UInt8] = []
    for index in statuses[word, default: []].indices {
      statuses[word]?[index].fill("mark", mark)
      statuses[word]?[index].fill("phone", phone)
      statuses[word]?[index].fill("seconds", Int(now.timeIntervalSince1970))
      bytes += (index == 0 ? [] : callback) + (statuses[word]?[index].bytes ?? [])
    }
    try write(bytes, receivedAt: now)
  }

  @discardableResult
  private mutating func write(_ bytes: [UInt8], receivedAt: Date) throws(MeasureFailure) -> Int {
    let name = PayloadID.fresh(receivedAt: receivedAt, using: &generator).description
    let file = openat(tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .system("open \(name)") }
    let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    close(file)
    guard written == bytes.count else { throw .system("write \(name)") }
    let time = monotonic()
    guard renameat(tmp, name, incoming, name) == 0 else { throw .system("rename \(name)") }
    return time
  }
}

enum Customer {
  static func phone(_ customer: Int) -> Int { 15_550_000_000 + customer }
}
