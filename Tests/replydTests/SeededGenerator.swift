import Foundation

/// The same numbers for the same seed (SplitMix64), so that what was chosen by chance can be chosen again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// What `REPLYD_TEST_SEED` says, or another one each time.
  static var freshSeed: UInt64 {
    ProcessInfo.processInfo.environment["REPLYD_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...1_000_000)
  }
}
