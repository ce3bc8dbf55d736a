internal import Foundation
internal import Glibc

/// What this machine's disk can do by itself, in one thread.
enum Probe {
  /// Syncs of one block each, over blocks that were written before: how many a second, and how long each took.
  static func syncs(in folder: String, seconds: Double = 1) throws -> (perSecond: Double, latencies: Latencies) {
    let path = folder + "/probe"
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    guard file >= 0 else { throw MeasureFailure.system("open \(path)") }
    defer {
      close(file)
      unlink(path)
    }
    let block = [UInt8](repeating: 1, count: 4096)
    let places = 256
    for place in 0..<places { pwrite(file, block, block.count, place * block.count) }
    fsync(file)
    let (start, end) = (monotonic(), monotonic() + Int(seconds * 1e9))
    var count = 0
    var latencies = Latencies()
    while monotonic() < end {
      pwrite(file, block, block.count, (count % places) * block.count)
      let begun = monotonic()
      guard fdatasync(file) == 0 else { throw MeasureFailure.system("fdatasync \(path)") }
      latencies.add(nanoseconds: monotonic() - begun)
      count += 1
    }
    return (Double(count) / (Double(monotonic() - start) / 1e9), latencies)
  }

  /// Files a second, each made in one folder and renamed into another, as the receiver makes them.
  static func fileRate(in folder: String, count: Int, bytes: Int) throws -> Double {
    let (from, to) = (folder + "/tmp", folder + "/incoming")
    for path in [from, to] { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    let content = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
    let start = monotonic()
    for number in 0..<count {
      let name = "/20261122T073012.123Z-\(10_000_000 + number).json"
      let file = open(from + name, O_WRONLY | O_CREAT | O_EXCL, 0o600)
      guard file >= 0 else { throw MeasureFailure.system("open \(from + name)") }
      let wrote = write(file, content, content.count)
      close(file)
      guard wrote == content.count, rename(from + name, to + name) == 0 else { throw MeasureFailure.system("rename \(from + name)") }
    }
    return Double(count) / (Double(monotonic() - start) / 1e9)
  }

  /// The file system under a folder, in words.
  static func fileSystem(of folder: String) -> String {
    let path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
    let fields = mounts.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count > 3 }
    let holding = fields.filter { path == $0[1] || $0[1] == "/" || path.hasPrefix($0[1] + "/") }
    guard let mount = holding.max(by: { $0[1].count < $1[1].count }) else { return "unknown" }
    let device = URL(fileURLWithPath: String(mount[0])).resolvingSymlinksInPath().lastPathComponent
    let journals = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/fs/jbd2")) ?? []
    let hasJournal = journals.contains { $0.hasPrefix(device + "-") }
    let journal = mount[2] == "ext4" ? (hasJournal ? ", with a journal" : ", without a journal") : ""
    return "\(mount[2])\(journal), \(mount[3])\(mount[2] == "ext4" ? features(of: String(mount[0])) : "")"
  }

  /// What ext4 was made with; only root may look.
  private static func features(of device: String) -> String {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/sbin/dumpe2fs")
    process.arguments = ["-h", device]
    (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
    // Where it is not there, or may not: nothing is told.
    guard (try? process.run()) != nil else { return "" }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.firstMatch(of: /Filesystem features:\s+(.*)/).map { "; features: \($0.output.1)" } ?? ""
  }
}
