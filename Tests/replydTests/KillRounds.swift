import Foundation
import Glibc
import Spooling
import Testing

/// Receivers on one spool that are killed at moments chosen by chance, round after round.
struct KillRounds {
  let place: Workplace
  let load: ReceiverLoad
  let seed: UInt64
  var dice: SeededGenerator
  private(set) var kills = 0
  /// Kills before the receiver listened: in its recovery, or before or after that.
  private(set) var early = 0
  /// Files that a cut of power would have emptied, or taken away.
  private(set) var lost = 0
  private var running: [Receiver] = []
  /// How long the last start took.
  private var startTime = Duration.milliseconds(100)

  /// Makes the place, runs `body`, and then proves that everything is there.
  static func with(_ name: String, _ body: (inout KillRounds) async throws -> Void) async throws {
    let settings = ["META_APP_SECRET": Site.appSecret, "REPLYD_LISTEN": "127.0.0.1:0"]
    try await Workplace.with(credits: 100_000, settings: settings) { place in
      let seed = SeededGenerator.freshSeed
      var rounds = KillRounds(
        place: place, load: ReceiverLoad(place.transferrer), seed: seed, dice: SeededGenerator(seed: seed))
      do {
        try await body(&rounds)
      } catch {
        for receiver in rounds.running { receiver.child.signal(SIGKILL) }
        throw error
      }
      try await rounds.prove(name)
    }
  }

  /// Kills one at a moment of its start.
  mutating func killAtStart() async throws {
    let child = try place.start(["receive"])
    // The moment of the kill, nothing else.
    try await Task.sleep(for: startTime * Double.random(in: 0...1.2, using: &dice))
    if !child.said.contains("webhooks come in") { early += 1 }
    child.signal(SIGKILL)
    try await bury(child)
  }

  /// One round under load.
  ///
  /// - Parameters:
  ///   - receivers: How many work at once; those that an earlier round has left go on.
  ///   - survivors: How many are not killed.
  ///   - largest: Bytes of a payload.
  ///   - cutsPower: Whether some of the files that were made in this round are emptied, spoilt or taken away afterwards: what is in no segment
  ///     any more must not be, so only for one receiver, and for less than a segment.
  ///   - underLoad: Done after half of the payloads.
  /// - Throws: What would not come, or went wrong on the way; then the kills have not been made.
  mutating func killUnderLoad(
    receivers: Int = 1, survivors: Int = 0, largest: Int = 4096, cutsPower: Bool = false, underLoad: () async throws -> Void = {}
  ) async throws {
    let many = Int.random(in: 1...(largest > 1 << 16 ? 60 : 140), using: &dice)
    // With an acknowledgement, or some time after it.
    let delay = Bool.random(using: &dice) ? Duration.microseconds(Int.random(in: 0...20_000, using: &dice)) : nil
    let place = place
    let load = load
    var all = running
    var old: Set<String> = []
    load.isOver = false
    try await withThrowingTaskGroup(of: Void.self) { group in
      // Whatever happens, nobody sends for ever.
      defer { load.isOver = true }
      for number in 0..<receivers {
        if number == all.count {
          let start = ContinuousClock.now
          all.append(try await Receiver(place.start(["receive"]), of: place))
          startTime = .now - start
        }
        // After the recovery, before the load.
        if cutsPower { old = try Set(Self.names(in: place.spool.path + "/incoming")) }
        let url = all[number].url
        for _ in 0..<(8 / receivers) {
          let seed = dice.next()
          group.addTask { await load.send(to: url, largest: largest, seed: seed) }
        }
      }
      let before = load.acknowledged
      try await place.until("half of the payloads") { load.acknowledged >= before + many / 2 }
      try await underLoad()
      all.shuffle(using: &dice)
      let victims = all.dropFirst(survivors)
      let kill = { @Sendable in for receiver in victims { receiver.child.signal(SIGKILL) } }
      if delay == nil { load.at(acknowledgement: before + many, kill) }
      try await place.until("the payloads") { load.acknowledged >= before + many }
      if let delay { try await Task.sleep(for: delay) }
      kill()
      load.isOver = true
      try await group.waitForAll()
    }
    running = Array(all.prefix(survivors))
    for receiver in all.dropFirst(survivors) { try await bury(receiver.child) }
    if cutsPower { try cutPower(in: place.spool.path + "/incoming", sparing: old) }
  }

  private mutating func bury(_ child: Child) async throws {
    let ended = try await child.ended()
    #expect(ended.status == 128 + SIGKILL, "\(ended.talk.suffix(2000))")
    kills += 1
    // A group that was torn at the end is no trouble; one that is missing is.
    let troubles = ended.talk.matches(of: /journal\.reason=\S+/).map { String($0.output) }
    #expect(troubles.allSatisfy { $0 == "journal.reason=journal.torn" }, "\(ended.talk.suffix(2000))")
  }

  /// The names of what was not synced are there after a cut of power, or are not; the bytes are not.
  private mutating func cutPower(in folder: String, sparing old: Set<String>) throws {
    for name in try Self.names(in: folder) where !old.contains(name) {
      let path = folder + "/" + name
      switch dice.next() % 4 {
      case 0: #expect(truncate(path, 0) == 0)
      case 1: #expect(unlink(path) == 0)
      case 2: #expect(truncate(path, off_t(dice.next() % 200)) == 0)
      default: continue
      }
      lost += 1
    }
  }

  private static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
  }

  // MARK: The proof

  /// Lets all that were left end in order, and one more after them, and looks at every file.
  private mutating func prove(_ name: String) async throws {
    running.append(try await Receiver(place.start(["receive"]), of: place))
    for receiver in running {
      let ended = try await receiver.child.stop()
      #expect(ended.status == 0, "\(ended.talk.suffix(2000))")
    }
    let (tally, found) = (load.tally, try place.spool.marks())
    let kept = tally.sent.intersection(found.keys)
    print(
      """
      \(name): seed \(seed), \(kills) kills (\(early) before it listened), \(tally.sent.count) sent, \(tally.acknowledged.count) acknowledged, \
      \(kept.count) in the spool, \(kept.subtracting(tally.acknowledged).count) of them unacknowledged; \(lost) files spoilt on the way
      """)
    let missing = tally.acknowledged.subtracting(found.keys)
    #expect(missing.isEmpty, "\(missing.count) were acknowledged and are not there")
    let unsealed = try tally.acknowledged.subtracting(place.spool.sealed())
    #expect(unsealed.isEmpty, "\(unsealed.count) were acknowledged and have no receipt")
    #expect(found.filter { $0.value.count > 1 }.isEmpty, "some are there twice")
    #expect(found.filter { !tally.sent.contains($0.key) }.isEmpty, "some were never sent")
    #expect(tally.acknowledged.count > kills)
    #expect(tally.odd.isEmpty && tally.refused == 0, "\(tally.odd)")
    let left = try FileManager.default.contentsOfDirectory(atPath: place.spool.path + "/journal")
    #expect(left.allSatisfy { $0 == "last.torn" }, "\(left)")
  }
}

extension Spool {
  /// The payloads in all folders by what they would be signed with, and where each lies; but what a stand-in reports of its messages.
  func marks() throws -> [String: [String]] {
    var marks: [String: [String]] = [:]
    for folder in ["incoming", "active", "deferred", "hold", "done", "failed"] {
      for case let name as String in FileManager.default.enumerator(atPath: path + "/" + folder) ?? FileManager.DirectoryEnumerator() {
        guard name.hasSuffix(".json"), !name.hasSuffix(".reason.json") else { continue }
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(path)/\(folder)/\(name)")))
        if String(decoding: bytes, as: UTF8.self).contains(#""statuses""#) { continue }
        marks[ReceiverLoad.mark(of: bytes), default: []].append(folder + "/" + name)
      }
    }
    return marks
  }

  /// The signatures in the receipts of what was kept.
  func sealed() throws -> Set<String> {
    var marks: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(atPath: path + "/receipts") {
      for line in try Data(contentsOf: URL(fileURLWithPath: path + "/receipts/" + file)).split(separator: 10) {
        // A line that a kill has torn is none.
        guard let receipt = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else { continue }
        if receipt["verdict"] as? String == "kept", let mark = receipt["signature"] as? String { marks.insert(mark) }
      }
    }
    return marks
  }
}
