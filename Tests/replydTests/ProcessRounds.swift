import Foundation
import Glibc
import Simulating
import Spooling
import Testing
import Transferring

/// Processors on one spool that are killed at named steps and at moments chosen by chance, round after round, while customers write, upstreams
/// fail and statuses come late; in between all is run to its end and proved.
struct ProcessRounds {
  /// Whom a model answers; a script answers the other number.
  static let modelNumber = "100000000000002"
  static let credits = 1_000_000

  let name: String
  let place: Workplace
  let mail: StatusMail
  let model: TalkingModel
  let modelURL: String
  let seed: UInt64
  var dice: SeededGenerator

  /// Kills by their moment, as `REPLYD_KILL_AT` names it; those at a moment chosen by chance under an empty name.
  private(set) var kills: [String: Int] = [:]
  var story = ProcessBooks.Story()
  /// How often the model had been asked for a reply that was kept when a processor died, by the turn.
  var asked: [String: Int] = [:]
  /// How many conversations had joined another one at the last proof.
  var joined = 0
  /// How many kills have been proved to do no harm.
  var proved = 0
  /// Customers change with it, so that their conversations stay short.
  var season = 0
  private var strangers = 0
  private var running: [Child] = []
  /// How long a start takes, about.
  private var startTime = Duration.milliseconds(200)

  var total: Int { kills.values.reduce(0, +) }
  var random: Int { kills[""] ?? 0 }

  private init(_ name: String, _ place: Workplace, _ mail: StatusMail, _ model: TalkingModel, modelURL: String, seed: UInt64) {
    (self.name, self.place, self.mail, self.model) = (name, place, mail, model)
    (self.modelURL, self.seed) = (modelURL, seed)
    dice = SeededGenerator(seed: seed)
  }

  /// Makes the place, runs `body`, proves once more.
  static func with(_ name: String, _ body: (inout ProcessRounds) async throws -> Void) async throws {
    let seed = SeededGenerator.freshSeed
    let mail = StatusMail(seed: seed)
    let talker = TalkingModel()
    let model = OpenAIStandIn(OpenAIStandIn.Options(reply: { talker.reply(to: $0) }))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await model.run() }
      let url = try await model.url
      let settings = [
        "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-test", "REPLYD_SEND_GRACE": "1s", "REPLYD_QUIET_PERIOD": "50ms",
        "REPLYD_CHANNEL_RATE": "80",
        // These customers write more than any person.
        "REPLYD_ANSWER_LOOP_TURNS": "0",
      ]
      try await Workplace.with(
        credits: credits, numbers: [Workplace.number, modelNumber], settings: settings, deliver: { mail.take($0, for: $1) }
      ) { place in
        let channel = try await place.answer(
          "channel", "add", "--user", place.user, "--meta-phone-number-id", modelNumber, "--access-token-file", place.folder + "/token",
          "--display-name", "+1 555 010 0101")
        _ = try await place.answer("agent", "add", "--channel", channel, "--name", "Model", "--prompt", "pmpt_kills")
        var rounds = ProcessRounds(name, place, mail, talker, modelURL: String(url.dropLast("/v1".count)), seed: seed)
        print("\(name): seed \(seed)")
        do {
          try await rounds.arm()
          try await rounds.measureStart()
          try await body(&rounds)
          if rounds.total > rounds.proved { try await rounds.prove() }
        } catch {
          for child in rounds.running { child.signal(SIGKILL) }
          print("\(name): seed \(seed), after \(rounds.total) kills: \(error)")
          throw error
        }
      }
      group.cancelAll()
    }
  }

  // MARK: The upstreams

  private static let graphTroubles = [
    #""chance":0.05,"status":429,"code":130429"#, #""chance":0.04,"status":500,"code":131000"#, #""chance":0.03,"code":131026"#,
    #""chance":0.03,"hang_up":"before""#, #""chance":0.04,"hang_up":"after""#, #""chance":0.03,"hang_up":"after","silent":true"#,
    #""chance":0.03,"garbage":true"#, #""chance":0.03,"cut_body":true"#, #""chance":0.03,"garbage":true,"status":502"#,
    #""chance":0.3,"delay_ms":40"#,
  ]
  private static let modelTroubles = [
    #""chance":0.05,"status":429"#, #""chance":0.05,"status":500"#, #""chance":0.03,"hang_up":"before""#,
    #""chance":0.03,"hang_up":"after""#,
    #""chance":0.03,"garbage":true"#, #""chance":0.03,"cut_body":true"#, #""chance":0.03,"status":400"#, #""chance":0.3,"delay_ms":40"#,
  ]

  /// Orders faults: these first, and unless `isAlone` those that strike by chance.
  mutating func arm(graph: [String] = [], model: [String] = [], isAlone: Bool = false) async throws {
    for (url, ordered, troubles) in [(place.graphURL, graph, Self.graphTroubles), (modelURL, model, Self.modelTroubles)] {
      try await place.forgetFaults(at: url)
      for fault in ordered { try await place.fault("{\(fault)}", at: url) }
      for fault in isAlone ? [] : troubles { try await place.fault(#"{"times":0,"seed":\#(dice.next() % 1_000_000),\#(fault)}"#, at: url) }
    }
  }

  // MARK: The customers

  /// Lets customers write: some messages share a payload, some come twice, in other bytes or under another name, and some show their writer by
  /// an id, alone or together with the phone, so that conversations turn out to be one while they are run.
  mutating func write(_ count: Int) throws {
    var left = count
    while left > 0 {
      let isModel = Bool.random(using: &dice)
      let size = min(left, dice.next() % 4 == 0 ? 2 : 1)
      left -= size
      let group = (0..<size).map { _ in
        let parts = isModel && dice.next() % 3 == 0 ? Int(2 + dice.next() % 2) : 1
        let naming = [.phone, .phone, .id, .both].randomElement(using: &dice) ?? Letter.Naming.phone
        return letter(from: season * 100 + Int(dice.next() % 8), isModel: isModel, parts: parts, naming: naming)
      }
      try drop(group)
      switch dice.next() % 12 {
      case 0: try drop(group)
      case 1: try drop(group, padding: [0x20])
      default: break
      }
    }
  }

  /// A message of somebody who writes this once.
  mutating func stranger(parts: Int = 1) -> Letter {
    strangers += 1
    return letter(from: 500_000 + strangers, isModel: parts > 1, parts: parts)
  }

  private mutating func letter(from customer: Int, isModel: Bool, parts: Int, naming: Letter.Naming = .phone) -> Letter {
    let number = isModel ? Self.modelNumber : Workplace.number
    let phone = 15_550_000_000 + customer * 2 + (isModel ? 1 : 0)
    let letter = Letter(story.letters.count + 1, parts: parts, from: phone, to: number, naming: naming)
    story.letters[letter.id] = letter
    return letter
  }

  /// Puts a payload of them into incoming/, under a name of ours or another.
  @discardableResult
  mutating func drop(_ letters: [Letter], padding: [UInt8] = []) throws -> String {
    let name =
      Bool.random(using: &dice)
      ? "\(PayloadID.fresh(receivedAt: Date(), using: &dice))" : "\(letters.first?.token ?? "")-\(story.files.count).json"
    story.files.insert(name)
    try place.spool.put(Letter.payload(letters) + padding, as: name)
    return name
  }

  // MARK: The kills

  /// Starts the program, to die at a moment when one is named.
  mutating func start(_ arguments: [String] = ["process"], dyingAt moment: String? = nil) throws -> Child {
    let child = try place.start(arguments, environment: moment.map { ["REPLYD_KILL_AT": $0] } ?? [:])
    running.append(child)
    return child
  }

  /// Waits for one that dies by itself.
  mutating func bury(_ child: Child, dyingAt moment: String) async throws {
    do {
      try await place.until("\(moment)", within: .seconds(30)) { child.hasEnded }
    } catch {
      Issue.record("\(moment) was never reached: \(child.said.suffix(3000))")
      throw error
    }
    let ended = try await child.ended()
    running.removeAll { $0 === child }
    #expect(ended.status == 128 + SIGKILL, "\(moment): \(ended.talk.suffix(3000))")
    kills[String(moment.prefix { $0 != ":" }), default: 0] += 1
    try await witness()
  }

  /// Kills one that runs, unless it has died at the moment that it was told; nothing is counted when it had come to its end.
  mutating func kill(_ child: Child, dyingAt moment: String = "") async throws {
    let isLate = child.hasEnded
    child.signal(SIGKILL)
    let ended = try await child.ended()
    running.removeAll { $0 === child }
    if ended.status == 128 + SIGKILL {
      kills[isLate ? String(moment.prefix { $0 != ":" }) : "", default: 0] += 1
      try await witness()
    } else {
      // All done, some failed, some put off; or it was told to stop before it could listen.
      #expect([0, 1, 75, 128 + SIGTERM].contains(ended.status), "\(ended.talk.suffix(3000))")
    }
  }

  /// Ends one as an operator would.
  mutating func stop(_ child: Child) async throws {
    let ended = try await child.stop()
    running.removeAll { $0 === child }
    #expect(ended.status == 0, "\(ended.talk.suffix(3000))")
  }

  private mutating func measureStart() async throws {
    let begin = ContinuousClock.now
    let child = try start()
    try await place.until("a start") { child.said.contains("processing") }
    startTime = .now - begin
    try await stop(child)
  }

  /// A time after its start at which a processor may be killed: most often while it works.
  mutating func moment() -> Duration {
    dice.next() % 5 == 0
      ? startTime * Double.random(in: 0...1, using: &dice) : startTime + .milliseconds(Int.random(in: 0...300, using: &dice))
  }

  /// One round: customers write, and the processor, or a run from cron, is killed at some moment, perhaps while it stops.
  mutating func killSomewhen() async throws {
    try write(6)
    let begin = ContinuousClock.now
    let child = try start(["process"] + (dice.next() % 4 == 0 ? ["--once"] : []))
    let moment = moment()
    for part in 1...2 {
      // The moment of the messages and of the kill, nothing else.
      try await Task.sleep(until: begin + moment * part / 3)
      try write(3)
    }
    try await Task.sleep(until: begin + moment)
    if dice.next() % 4 == 0 {
      child.signal(SIGTERM)
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...40, using: &dice)))
    }
    try await kill(child)
    mail.release()
  }

  /// One round with a second processor, or a run from cron, that dies at a step if it comes there, else at some moment; the first one lives.
  mutating func killBeside(_ survivor: Child, at step: String) async throws {
    let begin = ContinuousClock.now
    let order = Bool.random(using: &dice) ? "\(step):\(1 + dice.next() % 3)" : nil
    let child = try start(["process"] + (dice.next() % 4 == 0 ? ["--once"] : []), dyingAt: order)
    let moment = moment() + .milliseconds(200)
    for part in 1...4 {
      try await Task.sleep(until: begin + moment * part / 4)
      if part < 4 { try write(4) }
    }
    try await kill(child, dyingAt: order ?? "")
    #expect(!survivor.hasEnded, "\(survivor.said.suffix(3000))")
    mail.release()
  }
}

extension Workplace {
  /// Takes back what was ordered from a stand-in.
  func forgetFaults(at url: String) async throws {
    let answer = try await transferrer.transfer(.init(method: .delete, url: url + "/simulator/faults", timeout: .seconds(30)))
    try #require(answer.status == 200)
  }
}
