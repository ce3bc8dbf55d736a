import Foundation
import Testing

/// The integration guide, word for word, and the commands in it.
struct Guide {
  private let blocks: [(language: Substring, text: String)]

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("integration-guide.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    blocks = text.matches(of: /\n( *)```([a-z]*)\n([\s\S]*?)\n *```/).map { match in
      // A block inside a list is indented as the list is.
      let lines = match.output.3.split(separator: "\n", omittingEmptySubsequences: false)
      return (
        match.output.2,
        lines.map { $0.hasPrefix(match.output.1) ? String($0.dropFirst(match.output.1.count)) : String($0) }.joined(separator: "\n")
      )
    }
  }

  /// Every `curl` command, in the order of the guide.
  var commands: [String] {
    blocks.filter { $0.language == "bash" }.flatMap { block in
      // One command ends where the next begins; a comment is none.
      block.text.split(separator: "\n", omittingEmptySubsequences: false).reduce(into: [String]()) { commands, line in
        if line.hasPrefix("curl ") {
          commands.append(String(line))
        } else if !commands.isEmpty, !line.hasPrefix("#"), !line.isEmpty {
          commands[commands.count - 1] += "\n" + line
        }
      }
    }
  }

  /// The request line that Meta verifies a webhook with.
  func handshake() throws -> String {
    try #require(blocks.map(\.text).first { $0.contains("hub.challenge=") })
  }

  /// The payload of step 7.3.
  func sample() throws -> String {
    let block = try #require(blocks.map(\.text).first { $0.contains("\"whatsapp_business_account\"") })
    return String(block[try #require(block.firstIndex(of: "{"))...])
  }
}
