internal import Foundation
internal import Glibc

/// ext4 with a journal, made fresh in one file, for one run of this program.
///
/// It is mounted in a mount namespace of that run, so it goes with it, however that ends.
struct FreshDisk {
  private let image: String
  private let folder: String

  /// Takes the room of what is written only.
  private static let gigabytes = 16
  /// By `sysexits.h`: a temporary failure.
  private static let cannot: Int32 = 75

  /// Makes the image, mounts it in the folder, and becomes the program.
  ///
  /// An inode each 4 KiB, for payloads are small. As on a disk of its own, nothing is held twice in memory, and no table is still being written
  /// while it is measured. The device goes when it is no longer mounted.
  private static let script = """
    truncate -s \(gigabytes)G "$1" && mkfs.ext4 -q -F -i 4096 -E lazy_itable_init=0,lazy_journal_init=0 "$1" || exit \(cannot)
    device=$(losetup --find --show --direct-io=on "$1" || losetup --find --show "$1") || exit \(cannot)
    mount "$device" "$2" || { losetup -d "$device"; exit \(cannot); }
    losetup -d "$device"; shift 2; exec "$@"
    """

  /// - Parameter parent: A folder, on whose disk it lies.
  init(in parent: String) { (image, folder) = (parent + "/disk.ext4", parent + "/disk") }

  /// Runs this program on it; `--folder` is added.
  ///
  /// - Returns: What it has printed; nil where there can be no such disk, which is told.
  func run(_ arguments: [String]) throws -> Data? {
    guard geteuid() == 0 else {
      tell("not measured on ext4 made fresh on a loop device: only root can")
      return nil
    }
    tell("the same on ext4 made fresh on a loop device")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let process = Child.process(
      "/usr/bin/unshare",
      ["--mount", "/bin/sh", "-c", Self.script, "sh", image, folder, ownProgram] + arguments + ["--folder", folder])
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    // Its blocks are the next run's.
    unlink(image)
    guard process.terminationStatus != Self.cannot else {
      tell("not measured on ext4 made fresh on a loop device: it could not be made or mounted")
      return nil
    }
    guard process.terminationStatus == 0 else { throw MeasureFailure("the bench on the fresh disk failed") }
    return text
  }
}
