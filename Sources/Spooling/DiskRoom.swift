import Glibc

/// What a file system has left for us.
package struct DiskRoom: Hashable, Sendable {
  /// For a user without privileges.
  package let bytes: Int
  /// Files that can still be made; nil where the file system has no fixed number of them.
  package let inodes: Int?

  package init(bytes: Int, inodes: Int?) {
    (self.bytes, self.inodes) = (bytes, inodes)
  }

  /// One system call.
  init(of folder: OpenFolder) throws(SpoolError) {
    var about = statvfs()
    let asked = SystemCall.run { fstatvfs(folder.number, &about) }
    guard asked.code == 0 else { throw SpoolError(asked.code, of: "fstatvfs", at: folder.path) }
    let product = about.f_bavail.multipliedReportingOverflow(by: about.f_frsize)
    bytes = product.overflow ? .max : Int(clamping: product.partialValue)
    inodes = about.f_files == 0 ? nil : Int(clamping: about.f_favail)
  }

  /// Whether at least so much is left.
  package func has(bytes floor: Int, inodes fewest: Int) -> Bool {
    bytes >= floor && (inodes ?? .max) >= fewest
  }
}

extension Spool {
  /// What the spool's file system has left; one or two system calls.
  package func room() throws(SpoolError) -> DiskRoom {
    try DiskRoom(of: folders.open(.incoming))
  }
}
