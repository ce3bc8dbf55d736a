import Glibc

/// What a file system has left for us.
package struct DiskRoom: Hashable, Sendable {
  /// For a user without privileges.
  package let bytes: Int
  /// Files that can still be made; nil where the file system has no fixed number of them.
  package let inodes: Int?
  /// The file system's bytes in all.
  package let size: Int
  /// The file system's inodes in all; nil where there is no fixed number of them.
  package let files: Int?

  package init(bytes: Int, inodes: Int?, size: Int = .max, files: Int? = nil) {
    (self.bytes, self.inodes, self.size, self.files) = (bytes, inodes, size, files)
  }

  /// One system call.
  init(of folder: OpenFolder) throws(SpoolError) {
    var about = statvfs()
    let asked = SystemCall.run { fstatvfs(folder.number, &about) }
    guard asked.code == 0 else { throw SpoolError(asked.code, of: "fstatvfs", at: folder.path) }
    bytes = Self.product(about.f_bavail, about.f_frsize)
    inodes = about.f_files == 0 ? nil : Int(clamping: about.f_favail)
    size = Self.product(about.f_blocks, about.f_frsize)
    files = about.f_files == 0 ? nil : Int(clamping: about.f_files)
  }

  private static func product(_ blocks: UInt, _ length: UInt) -> Int {
    let product = blocks.multipliedReportingOverflow(by: length)
    return product.overflow ? .max : Int(clamping: product.partialValue)
  }

  /// Whether at least so much is left, beside `use` bytes to be written; of a small file system a twentieth is enough.
  package func has(bytes floor: Int, inodes fewest: Int, beside use: Int = 0) -> Bool {
    bytes - use >= min(floor, size / 20) && (inodes ?? .max) >= min(fewest, (files ?? .max) / 20)
  }
}

extension Spool {
  /// What the spool's file system has left; one or two system calls.
  package func room() throws(SpoolError) -> DiskRoom {
    try DiskRoom(of: folders.open(.incoming))
  }
}
