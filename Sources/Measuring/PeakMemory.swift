internal import CLinux
internal import Foundation

/// How much memory this process takes at most, from now on, beyond what it has.
struct PeakMemory {
  private let before: Double

  /// Gives back what the heap does not use, and lets the kernel forget the peak until now.
  init() throws {
    clinux_trim_heap()
    // Source: proc(5), "clear_refs": 5 resets the peak.
    try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    before = try Self.kilobytes("VmRSS")
  }

  /// In bytes.
  var growth: Double {
    get throws { (try Self.kilobytes("VmHWM") - before) * 1024 }
  }

  private static func kilobytes(_ key: String) throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("\(key):") }),
      let number = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
    else { throw MeasureFailure("/proc/self/status does not say \(key)") }
    return number
  }
}
