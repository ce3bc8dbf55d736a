import Foundation
import Testing

@testable import Parsing

@Suite struct `Every value of a fixture` {
  private struct Row {
    var fixtures: Set<String> = []
    var kept = 0
    var leftOut = 0
  }

  @Test func `is in its event, or on the list of what is left out`() throws {
    var rows: [String: Row] = [:]
    var used: Set<String> = []
    for fixture in try Fixture.all() {
      guard let document = try? JSONReader.read(fixture.bytes()).value, let payload = try? ParsedPayload(bytes: fixture.bytes()) else {
        continue
      }
      let events = payload.events.map {
        (event: $0, leaves: Set(Leaf.all(of: $0.json).flatMap { leaf in leaf.spellings.map { "\(leaf.key)=\($0)" } }))
      }
      // A payload may be wrapped in a list.
      for leaf in Leaf.all(of: document.arrayValue?.first ?? document) where leaf.path != "object" {
        // An element's own event, or else those of the change or entry around it.
        var around = events.filter { leaf.path.hasPrefix($0.event.place) }
        if around.isEmpty { around = events.filter { $0.event.place.hasPrefix(leaf.enclosing("changes")) } }
        if around.isEmpty { around = events.filter { $0.event.place.hasPrefix(leaf.enclosing("entry")) } }
        let names = (leafNames[leaf.key] ?? []).union([leaf.key, "unknown"])
        let isKept = around.contains { event in
          names.contains { name in leaf.spellings.contains { event.leaves.contains("\(name)=\($0)") } }
        }
        let kind = around.first?.event.kind ?? "(no event)"
        rows[kind, default: Row()].fixtures.insert(fixture.name)
        if isKept {
          rows[kind]?.kept += 1
        } else if let rule = leftOut.first(where: { $0.isMeant(leaf, fixture.name) }) {
          rows[kind]?.leftOut += 1
          used.insert(rule.reason)
        } else {
          Issue.record("\(fixture.name): \(leaf.path) = \(leaf.value.text().prefix(80)) is nowhere in \(kind)")
        }
      }
    }
    print(table(of: rows))
    for rule in leftOut {
      print("left out: \(rule.reason)")
      #expect(used.contains(rule.reason), "nothing is left out because \(rule.reason)")
    }
  }

  private func table(of rows: [String: Row]) -> String {
    let width = rows.keys.map(\.count).max() ?? 0
    func line(_ kind: String, _ numbers: [String]) -> String {
      kind.padding(toLength: width, withPad: " ", startingAt: 0)
        + numbers.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }
    let total = rows.values.reduce(into: Row()) { total, row in
      total.fixtures.formUnion(row.fixtures)
      total.kept += row.kept
      total.leftOut += row.leftOut
    }
    let lines = rows.sorted { $0.key < $1.key } + [("all", total)]
    return
      ([line("kind", ["fixtures", "kept", "left out"])] + lines.map { line($0, ["\($1.fixtures.count)", "\($1.kept)", "\($1.leftOut)"]) })
      .joined(separator: "\n")
  }
}

extension Leaf {
  /// The path up to the element of this list that the leaf is in.
  fileprivate func enclosing(_ list: String) -> String {
    guard let start = path.range(of: "\(list)["), let end = path[start.upperBound...].firstIndex(of: "]") else { return path }
    return String(path[...end])
  }
}
