extension Status {
  /// What the platform charges, as JSON; nil when it does not say.
  package var pricingJSON: String? { pricing?.json.text() }
  /// Why it failed, as a JSON list.
  package var errorsJSON: String { JSON.array(errors.map(\.json)).text() }
}
