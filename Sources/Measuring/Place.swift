internal import ArgumentParser
internal import Foundation
internal import Glibc

/// Which replyd is measured, and in which folder.
struct Place: ParsableArguments {
  @Option(help: "Where to measure.") var folder = ".build/bench"
  @Option(help: "The replyd to measure.") var replyd: String
  @Flag(help: "Leave the folders.") var keep = false

  /// Calls `body` with a fresh folder, removed afterwards, and the path of the program.
  func measure(_ name: String, _ body: (_ folder: String, _ replyd: String) throws -> Void) throws {
    let fresh = URL(fileURLWithPath: folder).path + "/\(name)-\(Int(Date().timeIntervalSince1970))"
    guard FileManager.default.isExecutableFile(atPath: replyd) else {
      throw MeasureFailure("\(replyd) is no program: ./scripts/bench \(name) builds one and names it by itself")
    }
    do {
      try FileManager.default.createDirectory(atPath: fresh, withIntermediateDirectories: true)
    } catch {
      throw MeasureFailure("\(folder) cannot be written: choose another with --folder, on the disk that is to be measured")
    }
    defer { if !keep { remove(fresh) } }
    try body(fresh, URL(fileURLWithPath: replyd).path)
  }

  private func remove(_ folder: String) {
    // To remove a million files takes minutes, in which nobody should wait for the answer, nor lose it.
    fflush(nil)
    tell("removing \(folder)")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/rm")
    process.arguments = ["-rf", folder]
    // What is left is only in the way.
    guard (try? process.run()) != nil else { return tell("it could not be removed: remove it by hand") }
    process.waitUntilExit()
  }
}
