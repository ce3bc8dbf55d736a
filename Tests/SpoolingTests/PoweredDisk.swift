import CLinux
import Foundation
import Glibc
import NIOConcurrencyHelpers

@testable import Spooling

/// A disk whose power fails: it counts the changes, refuses all after the last one allowed, and then loses what no sync had made durable.
///
/// Entries become durable in the order of their making, as in the journals of ext4 and XFS: the sync of a folder takes with it all that came before
/// its own last one. The sync of a file takes its bytes, and no entry.
final class PoweredDisk: Sendable {
  /// What the power cut took of what was not durable.
  enum Loss: String, CaseIterable, Sendable {
    /// A process that was killed: the kernel lives.
    case nothing = "killed"
    case entriesAndBytes = "entry and bytes lost"
    /// What ext4 and XFS do with an unsynced file.
    case bytes = "entry kept, bytes lost"
    case halves = "bytes cut"
    /// Of the entries the last few, and of each file what chance will.
    case some = "some of it"
  }

  private enum Entry {
    case made(String)
    case renamed(String, to: String, replaced: String?)
    case exchanged(String, with: String)
    case removed(String, kept: String?)
  }

  private struct State {
    var changes: [DiskChange] = []
    var left: Int?
    var isOff = false
    /// Not durable, in their order, each with the folders that it changed.
    var entries: [(entry: Entry, folders: Set<UInt>)] = []
    /// Of each file that is not durable as it is: what of it is.
    var durableBytes: [UInt: [UInt8]] = [:]
    /// The same of those whose bytes the disk has refused: the kernel takes them for written, and no sync asks for them again.
    var refusedBytes: [UInt: [UInt8]] = [:]
    var syncsUntilRefusal: Int?
    var kept = 0
  }
  private let state = NIOLockedValueBox(State())
  private let root: String
  /// What was removed lies here until it is sure not to come back.
  private let attic: String

  init(under root: String) throws {
    (self.root, attic) = (root, root + "-attic")
    try FileManager.default.createDirectory(atPath: attic, withIntermediateDirectories: true)
  }

  /// The changes since the counting began, in short: `rename tmp/U incoming/a.json`.
  var calls: [String] { state.withLockedValue { $0.changes }.map(text) }
  var isOff: Bool { state.withLockedValue { $0.isOff } }

  /// From now on everything that is there is durable.
  func syncAll() { state.withLockedValue { ($0.entries, $0.durableBytes) = ([], [:]) } }

  /// After so many syncs of the whole there is one that fails, and everything that is not durable then never will be as it is.
  func refuseBytes(after syncs: Int = 0) { state.withLockedValue { $0.syncsUntilRefusal = syncs } }

  /// Counts from now on, and fails when there were so many changes; nil for never.
  func count(upTo limit: Int?) { state.withLockedValue { ($0.changes, $0.left) = ([], limit) } }

  var double: DiskDouble { { [self] change, call in make(change, call) } }

  private func make(_ change: DiskChange, _ call: () -> Int32) -> Int32 {
    state.withLockedValue { state in
      if state.left == 0 { state.isOff = true }
      guard !state.isOff else { return EIO }
      switch change {
      case .make(let path), .remove(let path):
        // To open a file that is there makes nothing, and to remove one that is not changes nothing.
        let isMaking = if case .make = change { true } else { false }
        if (status(path) != nil) == isMaking { return call() }
      default: break
      }
      let code = follow(change, call, &state)
      if code == 0 {
        state.left = state.left.map { $0 - 1 }
        state.changes.append(change)
      }
      return code
    }
  }

  private func follow(_ change: DiskChange, _ call: () -> Int32, _ state: inout State) -> Int32 {
    switch change {
    case .make(let path):
      let code = call()
      guard code == 0, let made = status(path) else { return code }
      if made.isRegular { state.durableBytes[made.inode] = [] }
      state.entries.append((.made(path), folders(of: path)))
      return 0
    case .write(let path):
      if let file = status(path), state.durableBytes[file.inode] == nil {
        state.durableBytes[file.inode] = state.refusedBytes.removeValue(forKey: file.inode) ?? bytes(path)
      }
      return call()
    case .touch: return call()
    case .sync(let path):
      let code = call()
      guard code == 0, let synced = status(path) else { return code }
      if path == root {
        (state.entries, state.durableBytes) = ([], [:])
        return 0
      }
      state.durableBytes[synced.inode] = nil
      if let last = state.entries.lastIndex(where: { $0.folders.contains(synced.inode) }) { state.entries.removeFirst(last + 1) }
      return 0
    case .rename(let path, let target):
      let (kept, places) = (keep(target, &state), folders(of: path).union(folders(of: target)))
      let code = call()
      if code == 0 { state.entries.append((.renamed(path, to: target, replaced: kept), places)) }
      return code
    case .exchange(let path, let other):
      let places = folders(of: path).union(folders(of: other))
      let code = call()
      if code == 0 { state.entries.append((.exchanged(path, with: other), places)) }
      return code
    case .remove(let path):
      let (kept, places) = (keep(path, &state), folders(of: path))
      let code = call()
      if code == 0 { state.entries.append((.removed(path, kept: kept), places)) }
      return code
    }
  }

  private func text(of change: DiskChange) -> String {
    switch change {
    case .make(let path): "make \(short(path))"
    case .write(let path): "write \(short(path))"
    case .touch(let path): "touch \(short(path))"
    case .sync(let path): path == root ? "syncfs" : "sync \(short(path))"
    case .rename(let path, let target): "rename \(short(path)) \(short(target))"
    case .exchange(let path, let other): "exchange \(short(path)) \(short(other))"
    case .remove(let path): "remove \(short(path))"
    }
  }

  /// Inside the root, with U for a name that nobody uses twice, and B for that of a work.
  private func short(_ path: String) -> String {
    let inside = path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
    return inside.replacing(/\d{8}T\d{6}\.\d{3}Z-\d+-[0-9A-Z]{8}(-\d+)?/, with: "U").replacing(/bulk-[0-9-]+/, with: "B")
  }

  /// A second link of the file, which holds it; nil for what is no file.
  private func keep(_ path: String, _ state: inout State) -> String? {
    guard status(path)?.isRegular == true else { return nil }
    state.kept += 1
    let kept = "\(attic)/\(state.kept)"
    return link(path, kept) == 0 ? kept : nil
  }

  private func status(_ path: String) -> FileStatus? {
    var status = stat()
    return lstat(path, &status) == 0 ? FileStatus(status) : nil
  }

  private func folders(of path: String) -> Set<UInt> {
    Set([status((path as NSString).deletingLastPathComponent)?.inode].compactMap(\.self))
  }

  private func bytes(_ path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map(Array.init) ?? [] }
}

extension PoweredDisk {
  /// The power is gone, and with it what it takes.
  func cut(_ loss: Loss) throws {
    try state.withLockedValue { state in
      state.isOff = true
      guard loss != .nothing else { return }
      let lost =
        switch loss {
        case .entriesAndBytes: state.entries.count
        case .some: Int.random(in: 0...state.entries.count)
        default: 0
        }
      for (entry, _) in state.entries.suffix(lost).reversed() { try undo(entry) }
      for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
        let path = root + "/" + name
        guard let file = status(path), file.isRegular,
          let durable = state.durableBytes[file.inode] ?? state.refusedBytes[file.inode]
        else { continue }
        // Written over, so that a second link of it says the same.
        try Data(rest(of: bytes(path), durable: durable, loss)).write(to: URL(fileURLWithPath: path))
      }
    }
  }

  private func undo(_ entry: Entry) throws {
    switch entry {
    case .made(let path): try FileManager.default.removeItem(atPath: path)
    case .renamed(let path, let target, let replaced):
      try check(rename(target, path))
      if let replaced { try check(rename(replaced, target)) }
    case .exchanged(let path, let other): try check(clinux_rename_exchange(AT_FDCWD, path, AT_FDCWD, other))
    case .removed(let path, let kept):
      try check(kept.map { rename($0, path) } ?? mkdir(path, 0o700))
    }
  }

  private func check(_ answer: Int32) throws {
    if answer != 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }

  private func rest(of bytes: [UInt8], durable: [UInt8], _ loss: Loss) -> [UInt8] {
    switch loss {
    case .nothing: return bytes
    case .entriesAndBytes, .bytes: return durable
    case .some: return rest(of: bytes, durable: durable, Loss.allCases.dropLast().randomElement() ?? .nothing)
    case .halves:
      let first = zip(bytes, durable).enumerated().first { $1.0 != $1.1 }?.offset ?? min(bytes.count, durable.count)
      let middle = (first + bytes.count) / 2
      guard middle < durable.count else { return Array(bytes[..<middle]) }
      // In place: a disk writes a sector whole, or not at all.
      let sector = middle / 512 * 512
      return Array(bytes[..<sector] + durable[sector...])
    }
  }
}

extension PoweredDisk {
  /// The journal's doors to this disk.
  var system: JournalSystem {
    var system = JournalSystem()
    system.file = { [self] file, path in File(disk: self, diskFile: DiskFile(file: file, path: path)) }
    system.syncFileSystem = { [self] folder throws(SpoolError) in
      let code = make(.sync(folder.path)) { 0 }
      guard code == 0 else { throw SpoolError(code, of: "syncfs", at: folder.path) }
      let isRefused = state.withLockedValue { state in
        state.syncsUntilRefusal = state.syncsUntilRefusal.map { $0 - 1 }
        guard state.syncsUntilRefusal == -1 else { return false }
        state.refusedBytes.merge(state.durableBytes) { durable, _ in durable }
        return true
      }
      syncAll()
      if isRefused { throw .faulty(path: folder.path) }
    }
    return system
  }

  private struct File: SegmentFile {
    let disk: PoweredDisk
    let diskFile: DiskFile

    /// Where it lies now: its maker gives it its last name before it has it.
    private var path: String { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(diskFile.file.number)")) ?? "" }

    func write(_ bytes: [UInt8], at offset: Int) throws(SpoolError) {
      try make(.write(path), "pwrite") { () throws(SpoolError) in try diskFile.write(bytes, at: offset) }
    }

    func sync() throws(SpoolError) {
      try make(.sync(path), "fdatasync") { () throws(SpoolError) in try diskFile.sync() }
    }

    private func make(_ change: DiskChange, _ name: String, _ call: () throws(SpoolError) -> Void) throws(SpoolError) {
      let code = disk.make(change) {
        do throws(SpoolError) {
          try call()
          return 0
        } catch {
          return EIO
        }
      }
      guard code == 0 else { throw SpoolError(code, of: name, at: diskFile.path) }
    }
  }
}
