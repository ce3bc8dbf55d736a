import Foundation
import Testing

@testable import Parsing

/// A payload in fixtures/ with the events that are expected of it beside it.
struct Fixture: CustomTestStringConvertible {
  let url: URL
  var expectationURL: URL { url.deletingPathExtension().appendingPathExtension("events.json") }
  /// `whatsapp/text`.
  var name: String { "\(url.deletingLastPathComponent().lastPathComponent)/\(url.deletingPathExtension().lastPathComponent)" }
  var testDescription: String { name }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures")

  /// Of all platforms, one folder each.
  static func all() throws -> [Fixture] {
    try files().filter { !$0.lastPathComponent.hasSuffix(".events.json") }.map(Fixture.init)
  }

  static func expectations() throws -> [URL] { try files().filter { $0.lastPathComponent.hasSuffix(".events.json") } }

  private static func files() throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil).flatMap { folder in
      try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter { $0.pathExtension == "json" }
    }.sorted { $0.path < $1.path }
  }

  static func named(_ name: String, of platform: String = "whatsapp") -> Fixture {
    Fixture(url: root.appendingPathComponent("\(platform)/\(name).json"))
  }

  func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

  /// What `replyd show --json` would print, or why there is nothing to show.
  func outcome() throws -> String {
    let bytes = try bytes()
    do throws(ParseError) {
      return try ParsedPayload(bytes: bytes).json + "\n"
    } catch {
      return JSON.sorted(["reason": .string(error.reason), "message": .string(error.message)]).text(indented: true) + "\n"
    }
  }
}
