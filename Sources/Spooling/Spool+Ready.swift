import Foundation

extension Spool {
  /// Tries whether a payload could be kept now: a file is made in tmp/ and removed.
  ///
  /// - Throws: Why none could; `.full` where there is no room.
  package func check() throws(SpoolError) {
    let draft = temporaryName()
    try writeTemporary([0], named: draft, isDurable: false).remove(draft)
  }
}
