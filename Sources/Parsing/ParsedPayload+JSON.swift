extension ParsedPayload {
  /// The payload for programs: `{"events":[{"kind":…,"place":…}],"notes":[…],"object":…}`.
  ///
  /// Indented, keys in order, members without a value left out; the same payload always gives the same text.
  package var json: String {
    JSON.sorted([
      "object": .string(object), "events": .array(events.map(\.json)), "notes": .array(notes.map { .string($0) }),
    ]).text(indented: true)
  }
}
