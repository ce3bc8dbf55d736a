import Foundation
import Glibc
import NIOConcurrencyHelpers

extension Intake {
  /// Claims the next files: each is renamed to active/<owner>, then read there.
  ///
  /// A file that somebody still writes is passed over. One whose name is open elsewhere, in any folder, gets `~2`; one that cannot keep its name
  /// a fresh one. Call it again for more; a scan is made at most once a call. A bulk file is claimed beside them, if this process has none: see
  /// `takeBulk`.
  ///
  /// - Parameters:
  ///   - limit: How many files at most; at least 1.
  ///   - bytes: How much content at most, though always at least one file.
  /// - Returns: In name order; empty when there is nothing to claim.
  /// - Throws: What the file system said; what the call had claimed is given back with the intake.
  package mutating func claim(upTo limit: Int = 256, bytes: Int = 33_554_432) throws(SpoolError) -> [ClaimedFile] {
    var claimed: [ClaimedFile] = []
    var (left, hasScanned) = (bytes, false)
    claiming: while claimed.count < limit {
      switch inbox.nextStep() {
      case .look(let name):
        guard !leaves(name), let candidate = try lookAt(name) else { continue }
        guard claimed.isEmpty || candidate.readableBytes <= left else {
          inbox.state.withLockedValue { $0.list.setAside(name) }
          break claiming
        }
        guard let file = try take(candidate) else { continue }
        claimed.append(file)
        left -= candidate.readableBytes
      case .conclude(let scan): try inbox.conclude(scan)
      case .scan:
        guard !hasScanned else { break claiming }
        hasScanned = true
        try inbox.scan(places.incoming, now: now)
      case .nothing: break claiming
      }
    }
    if let scan = inbox.state.withLockedValue({ $0.list.isEmpty ? $0.list.takeScan() : nil }) { try inbox.conclude(scan) }
    return claimed.sorted { $0.id < $1.id }
  }

  /// Whether it stays where it is for now: a bulk file, while this process takes another apart.
  private func leaves(_ name: RawName) -> Bool {
    guard name.kind == .bulk else { return false }
    return inbox.state.withLockedValue { state in
      if state.hasBulk { state.hasLeftBulk = true }
      return state.hasBulk
    }
  }

  /// Nil when it is gone or was passed over.
  private mutating func lookAt(_ name: RawName) throws(SpoolError) -> Candidate? {
    switch try Candidate.look(at: name, in: places.incoming) {
    case .ready(let candidate): return candidate
    case .unknowable(let candidate):
      let now = now
      if inbox.state.withLockedValue({ $0.passedOver.isQuiet(name, status: candidate.status, now: now) }) { return candidate }
      unreadyNames.insert(name)
      return nil
    case .beingWritten(let status):
      passOver(name, since: status.changedDate)
      return nil
    case .gone:
      inbox.state.withLockedValue { $0.passedOver.remove(name) }
      return nil
    }
  }

  private mutating func passOver(_ name: RawName, since: Date) {
    unreadyNames.insert(name)
    inbox.state.withLockedValue { $0.passedOver.note(name, since: since) }
  }

  /// Renames the file and reads it; nil when it was gone, cannot be moved, is still being written after all, or is to be taken apart.
  private mutating func take(_ candidate: Candidate) throws(SpoolError) -> ClaimedFile? {
    let name = candidate.name
    let line = try lines.line(of: name, candidate.status)
    let receivedAt = name.payloadID?.receivedAt ?? (line == nil ? candidate.status.changedDate : candidate.status.modifiedDate)
    guard let id = try rename(candidate, receivedAt: receivedAt) else {
      inbox.state.withLockedValue { $0.passedOver.remove(name) }
      return nil
    }
    open[id] = receivedAt
    let original = line?.description ?? (RawName(id) == name ? nil : name.display)
    let content: Result<[UInt8], FileFault>?
    switch try read(id, claimedAs: candidate) {
    case .content(let bytes): content = .success(bytes)
    case .lines: content = nil
    case .fault(let fault): content = .failure(fault)
    case .changing:
      unreadyNames.insert(name)
      try giveBack(id)
      return nil
    case .gone:
      end(id)
      return nil
    }
    unreadyNames.remove(name)
    inbox.state.withLockedValue { state in
      state.passedOver.remove(name)
      state.claims += 1
    }
    guard let content else {
      bulk = BulkFile(id: id, originalName: original, receivedAt: receivedAt)
      inbox.state.withLockedValue { $0.hasBulk = true }
      return nil
    }
    return ClaimedFile(id: id, originalName: original, receivedAt: receivedAt, content: content)
  }

  private func rename(_ candidate: Candidate, receivedAt: Date) throws(SpoolError) -> PayloadID? {
    var generator = SystemRandomNumberGenerator()
    let base = candidate.name.payloadID ?? PayloadID.fresh(receivedAt: receivedAt, isBulk: candidate.name.kind == .bulk, using: &generator)
    for n in 1...OpenFolder.mostNamesakes {
      let id = base.numbered(n)
      if try places.hasOpen(id) { continue }
      switch try places.incoming.move(candidate.name, to: inbox.owner.folder, as: RawName(id)) {
      case .moved: return id
      case .missing, .stuck: return nil
      case .taken: continue
      }
    }
    throw .failed(call: "renameat2", code: EEXIST, path: places.incoming.full(candidate.name))
  }

  private enum Reading {
    case content([UInt8])
    /// A bulk file, to be taken apart.
    case lines
    case fault(FileFault)
    case changing
    case gone
  }

  private static func head(of file: Descriptor, at path: String) -> Reading {
    do throws(SpoolError) {
      return try BulkHead.mayHoldPayloads(file, path: path) ? .lines : .fault(.noLines)
    } catch {
      return .fault(.unreadable(errno: EIO))
    }
  }

  /// Reads the claimed file, again when it changed meanwhile.
  private func read(_ id: PayloadID, claimedAs candidate: Candidate) throws(SpoolError) -> Reading {
    let (name, folder) = (RawName(id), inbox.owner.folder)
    for _ in 0..<3 {
      guard let before = try folder.status(of: name) else { return .gone }
      guard before.isRegular else { return .fault(.notRegular) }
      guard id.isBulk || before.size <= FileContent.largest else { return .fault(.tooLarge(bytes: before.size)) }
      var file = before.isSameFile(as: candidate.status) ? candidate.file : nil
      if file == nil {
        // Another file had taken the name before the rename, or the first could not be opened.
        let opened = folder.open(name, O_RDONLY | O_NONBLOCK)
        guard let reopened = opened.file else {
          if SpoolError.isExhaustion(opened.code) { throw SpoolError(opened.code, of: "open", at: folder.full(name)) }
          return .fault(.unreadable(errno: opened.code))
        }
        guard Completeness(of: reopened) != .beingWritten else { return .changing }
        file = reopened
      }
      guard let file else { continue }
      if id.isBulk {
        inbox.owner.setMark(before, of: id)
        return Self.head(of: file, at: folder.full(name))
      }
      switch FileContent.read(file, size: before.size) {
      case .failure(let fault): return .fault(fault)
      case .success(let bytes):
        guard bytes.count == before.size, let after = try folder.status(of: name), after.isUntouched(since: before) else { continue }
        inbox.owner.setMark(after, of: id)
        return .content(bytes)
      }
    }
    return .changing
  }
}
