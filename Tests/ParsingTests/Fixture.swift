import Foundation
import Testing

@testable import Parsing

/// A payload in fixtures/ with the events that are expected of it beside it.
struct Fixture: CustomTestStringConvertible {
  let url: URL
  var expectationURL: URL { url.deletingPathExtension().appendingPathExtension("events.json") }
  var testDescription: String { url.lastPathComponent }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/whatsapp")

  static func all() throws -> [Fixture] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "json" && !$0.lastPathComponent.hasSuffix(".events.json") }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .map(Fixture.init)
  }

  static func named(_ name: String) -> Fixture { Fixture(url: folder.appendingPathComponent("\(name).json")) }

  func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

  /// What `replyd show --json` would print, or why there is nothing to show.
  func outcome() throws -> String {
    do throws(ParseError) {
      return try ParsedPayload(bytes: bytesOrNone()).json + "\n"
    } catch {
      return JSON.record(["reason": .string(error.reason), "message": .string(error.message)]).text(indented: true) + "\n"
    }
  }

  private func bytesOrNone() -> [UInt8] {
    // A fixture that cannot be read shows as an empty payload, which no expectation matches.
    (try? bytes()) ?? []
  }
}
