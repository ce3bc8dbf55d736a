package import Foundation
package import Recording
package import Spooling

/// Holds conversations, channels and files until they are released, and releases them.
///
/// The ledger says what is held; the files in hold/ show it. Held, it is first said and then shown, released, first shown and then said: whoever
/// is killed in between leaves files that the next look of a processor lays where they belong.
package struct Holding: Sendable {
  /// What was held or released, with how many files of it.
  package struct Change: Hashable, Sendable {
    /// `conv_…`, `phone_…`, or a file's name where nothing else knows of it.
    package let id: String
    package let files: Int
  }

  /// Why nothing was done.
  package enum Refusal: Error, Hashable, Sendable {
    case unknown
    /// A path that does not lead into the spool, whatever lies there.
    case outside(spool: String)
    /// A file that is taken in, or apart, at this moment: none of its conversations is known yet.
    case underWay(isBulk: Bool)
    /// It has its verdict.
    case ended
    case notHeld
    /// Its channel is held, not it.
    case byChannel(String)
    case processing(reason: String, message: String, advice: String, isTemporary: Bool)

    init(_ error: SpoolError) {
      self = .processing(reason: error.reason, message: error.message, advice: error.advice, isTemporary: error.isTemporary)
    }

    init(_ error: LedgerError) {
      self = .processing(reason: error.reason, message: error.message, advice: error.advice, isTemporary: error.isTemporary)
    }
  }

  let spool: Spool
  let ledger: any Ledger

  package init(spool: Spool, ledger: any Ledger) {
    (self.spool, self.ledger) = (spool, ledger.watched)
  }

  // MARK: Hold

  /// Holds a conversation, a channel, or a file: one that nobody has taken yet by itself, any other with its conversations.
  ///
  /// What is under way comes to its next step first: a reply that was asked for is kept, a part that was handed to the platform is recorded.
  package func hold(_ name: String, for reason: String = "operator", at now: Date) async throws(Refusal) -> [Change] {
    if let change = try await hold(id: name, reason, now) { return [change] }
    for place in try places(of: name) {
      switch place.folder {
      case .incoming:
        let held = try doing { () throws(SpoolError) in try spool.hold(place) }
        // It was taken in that moment.
        guard let held else { return try await holdConversations(of: place, reason, now) }
        return [Change(id: "\(held)", files: 1)]
      case .active, .deferred, .hold: return try await holdConversations(of: place, reason, now)
      case .done, .failed: continue
      }
    }
    throw try places(of: name).isEmpty ? .unknown : .ended
  }

  private func holdConversations(of place: FiledPayload, _ reason: String, _ now: Date) async throws(Refusal) -> [Change] {
    var changes: [Change] = []
    let known = try await conversations(of: place.id)
    for conversation in known ?? [] {
      if let change = try await hold(id: conversation, reason, now), !changes.contains(change) { changes.append(change) }
    }
    // In hold/ already, and known to nobody.
    if changes.isEmpty, case .hold = place.folder { return [Change(id: "\(place.id)", files: 1)] }
    guard known != nil else { throw .underWay(isBulk: place.id.isBulk) }
    guard !changes.isEmpty else { throw .ended }
    return changes
  }

  private func hold(id: String, _ reason: String, _ now: Date) async throws(Refusal) -> Change? {
    let held = try await change { transaction throws(LedgerError) -> (String, [String])? in
      guard let held = try transaction.holds.hold(id, for: reason, at: now) else { return nil }
      CrashPoint.hold.inside(transaction)
      return (held, try transaction.holds.files(of: held))
    }
    guard let (held, names) = held else { return nil }
    for id in names.compactMap({ PayloadID($0) }) {
      CrashPoint.park.before()
      if try doing({ () throws(SpoolError) in try spool.park(id) }) { CrashPoint.park.behind() }
    }
    return Change(id: held, files: names.count)
  }

  // MARK: Release

  /// Releases what `hold` has held.
  ///
  /// A file in hold/ that is known to nobody goes to incoming/.
  package func release(_ name: String, at now: Date) async throws(Refusal) -> [Change] {
    if let change = try await release(id: name, now) { return [change] }
    guard let place = try places(of: name).first(where: { $0.folder.isUnderWay }) else {
      throw try places(of: name).isEmpty ? .unknown : .ended
    }
    let conversations = try await conversations(of: place.id) ?? []
    var (changes, channels): ([Change], [String]) = ([], [])
    for conversation in conversations {
      do throws(Refusal) {
        if let change = try await release(id: conversation, now) { changes.append(change) }
      } catch {
        switch error {
        case .byChannel(let channel): channels.append(channel)
        case .notHeld: continue
        default: throw error
        }
      }
    }
    if !changes.isEmpty { return changes }
    if let channel = channels.first { throw .byChannel(channel) }
    guard case .hold = place.folder else { throw .notHeld }
    if conversations.isEmpty {
      do throws(SpoolError) {
        return [Change(id: "\(try spool.requeue(place))", files: 1)]
      } catch {
        throw Refusal(error)
      }
    }
    // Put there by hand, or left behind: its turns run.
    _ = try doing { () throws(SpoolError) in try spool.unpark(place.id) }
    return [Change(id: "\(place.id)", files: 1)]
  }

  private func release(id: String, _ now: Date) async throws(Refusal) -> Change? {
    enum Known: Sendable {
      case nothing, notHeld
      case byChannel(String)
      case held(String, [String])
    }
    let known = try await read { transaction throws(LedgerError) -> Known in
      guard let id = try transaction.holds.meant(by: id), let channel = try transaction.holds.channel(of: id) else { return .nothing }
      if try transaction.holds.isListed(id) { return .held(id, try transaction.holds.files(of: id)) }
      return try transaction.holds.isListed(channel) ? .byChannel(channel) : .notHeld
    }
    switch known {
    case .nothing: return nil
    case .notHeld: throw .notHeld
    case .byChannel(let channel): throw .byChannel(channel)
    case .held(let id, let names):
      try unpark(names)
      let left = try await change { transaction throws(LedgerError) -> [String] in
        guard try transaction.holds.release(id, at: now) != nil else { return [] }
        CrashPoint.release.inside(transaction)
        return try transaction.holds.files(of: id)
      }
      // What came in between the two.
      try unpark(left)
      return Change(id: id, files: Set(names + left).count)
    }
  }

  private func unpark(_ names: [String]) throws(Refusal) {
    for id in names.compactMap({ PayloadID($0) }) {
      CrashPoint.unpark.before()
      if try doing({ () throws(SpoolError) in try spool.unpark(id) }) { CrashPoint.unpark.behind() }
    }
  }

  // MARK: What is there

  private func places(of name: String) throws(Refusal) -> [FiledPayload] {
    let places = try doing { () throws(SpoolError) in try spool.places(meantBy: name) }
    guard let places else { throw .outside(spool: spool.path) }
    return places
  }

  /// Nil when nothing is known of a file that is open.
  private func conversations(of id: PayloadID) async throws(Refusal) -> [String]? {
    try await read { transaction throws(LedgerError) -> [String]? in
      guard let record = try transaction.payloads.newest(named: "\(id)") else { return nil }
      return record.verdict == nil ? try transaction.holds.conversations(of: record.correlationID) : []
    }
  }

  private func doing<T>(_ body: () throws(SpoolError) -> T) throws(Refusal) -> T {
    do throws(SpoolError) {
      return try body()
    } catch {
      throw Refusal(error)
    }
  }

  private func read<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(Refusal) -> T {
    do throws(LedgerError) {
      return try await ledger.read(body)
    } catch {
      throw Refusal(error)
    }
  }

  private func change<T: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws(LedgerError) -> T
  ) async throws(Refusal) -> T {
    do throws(LedgerError) {
      return try await ledger.transaction(body)
    } catch {
      throw Refusal(error)
    }
  }
}

extension Folder {
  fileprivate var isUnderWay: Bool {
    switch self {
    case .incoming, .active, .deferred, .hold: true
    case .done, .failed: false
    }
  }
}
