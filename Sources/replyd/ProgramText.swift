internal import Foundation
internal import Glibc

/// This program's text, and that of its libraries, in memory.
enum ProgramText {
  /// Lets go of what the start has read; what is read again comes back by itself, from the kernel's cache.
  ///
  /// The kernel maps fifteen pages beside each one that is read, and a start reads a little of everywhere: half of what a process at rest held
  /// was text that it never read again. Only text is let go, which nobody writes: the next read finds the same.
  static func release() {
    // Without the list nothing is let go, which harms nobody.
    guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
    // All are read before the first is let go: what reads them is text, too.
    for mapping in maps.split(separator: "\n").compactMap(mapping) {
      // Its answer does not matter either.
      _ = madvise(UnsafeMutableRawPointer(bitPattern: mapping.lowerBound), Int(mapping.count), MADV_DONTNEED)
    }
  }

  /// The addresses of one line when it maps a file's text: `7f00…-7f01… r-xp 00000000 fe:00 123   /usr/lib/x.so`.
  static func mapping(of line: some StringProtocol) -> Range<UInt>? {
    let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
    guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }).hasPrefix("/") else { return nil }
    let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
    return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
  }
}
