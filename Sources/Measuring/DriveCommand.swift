internal import ArgumentParser
internal import Foundation

/// The driver in a process of its own; the load as JSON on stdin, what came of it on stdout.
struct DriveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "drive", shouldDisplay: false)

  func run() throws {
    let load = try JSONDecoder().decode(Load.self, from: FileHandle.standardInput.readDataToEndOfFile())
    var driver = try LoadDriver(load)
    let result = try driver.run()
    FileHandle.standardOutput.write(try JSONEncoder().encode(result))
  }
}

/// Slow clients in a process of their own.
struct TrickleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "trickle", shouldDisplay: false)

  @Argument var port: Int
  @Argument var connections: Int
  @Argument var seconds: Double

  func run() throws {
    var trickle = try Trickle(port: port, connections: connections)
    tell("\(try trickle.run(seconds: seconds)) slow connections were ended by the server")
  }
}
