extension ParsedPayload {
  /// The payload for programs: `{"events":[{"kind":…,"place":…}],"notes":[…],"object":…}`.
  ///
  /// Indented, keys in order, members without a value left out; the same payload always gives the same text.
  package var json: String { json(line: nil).text(indented: true) }

  /// The same of a payload that is line `number` of a file, all on one line: `{"events":…,"line":17,…}`.
  package func json(ofLine number: Int) -> String { json(line: number).text() }

  /// What is told of a line that is no payload: `{"error":{"code":…,"message":…},"line":17}`.
  package static func json(ofLine number: Int, reason: String, message: String) -> String {
    JSON.sorted(["line": .int(number), "error": JSON.sorted(["code": .string(reason), "message": .string(message)])]).text()
  }

  private func json(line: Int?) -> JSON {
    JSON.sorted([
      "object": .string(object), "events": .array(events.map(\.json)), "notes": .array(notes.map { .string($0) }),
      "line": line.map { .int($0) },
    ])
  }
}
