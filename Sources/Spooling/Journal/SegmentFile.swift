import Glibc

/// What the writer does with a segment's file; a test puts a failing one in its place.
protocol SegmentFile: Sendable {
  /// All of it, or an error and perhaps a part.
  func write(_ bytes: [UInt8], at offset: Int) throws(SpoolError)
  /// Durable when it returns. After an error it must not be asked again: the kernel may have dropped what it could not write.
  func sync() throws(SpoolError)
}

/// The file itself.
struct DiskFile: SegmentFile {
  let file: Descriptor
  let path: String

  func write(_ bytes: [UInt8], at offset: Int) throws(SpoolError) {
    var written = 0
    while written < bytes.count {
      let wrote = bytes.withUnsafeBytes { all in
        SystemCall.run { pwrite(file.number, all.baseAddress?.advanced(by: written), all.count - written, off_t(offset + written)) }
      }
      guard wrote.code == 0 else { throw SpoolError(wrote.code, of: "pwrite", at: path) }
      written += wrote.value
    }
  }

  func sync() throws(SpoolError) {
    let synced = SystemCall.run { fdatasync(file.number) }
    guard synced.code == 0 else { throw SpoolError(synced.code, of: "fdatasync", at: path) }
  }
}
