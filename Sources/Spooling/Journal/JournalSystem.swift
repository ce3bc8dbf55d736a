import CLinux

/// The journal's doors to the clock and the disk, so that a test can open others.
struct JournalSystem: Sendable {
  var now: @Sendable () -> ContinuousClock.Instant = { .now }
  var file: @Sendable (Descriptor, _ path: String) -> any SegmentFile = { DiskFile(file: $0, path: $1) }
  /// Reads from a segment's file; fewer bytes than `size` at its end.
  var read: @Sendable (Descriptor, _ size: Int, _ start: Int) -> Result<[UInt8], FileFault> = { FileContent.read($0, size: $1, from: $2) }
  /// Syncs the file system of an open folder; tells the errors since the last call with that folder.
  var syncFileSystem: @Sendable (OpenFolder) throws(SpoolError) -> Void = { folder throws(SpoolError) in
    let synced = SystemCall.run { clinux_sync_file_system(folder.number) }
    guard synced.code == 0 else { throw SpoolError(synced.code, of: "syncfs", at: folder.path) }
  }
}
