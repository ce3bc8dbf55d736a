internal import HTTPTypes
package import Hummingbird
internal import NIOConcurrencyHelpers

/// `/healthz`: the process answers; `/readyz`: it can do its work.
package struct Health: Sendable {
  /// Looks at one thing: nil when it is fine, else a sentence that anybody may read.
  package typealias Check = @Sendable () async -> String?

  /// How long a look counts: who asks without a key must not make us work.
  private static let freshness: Duration = .seconds(2)

  private let checks: [(name: String, check: Check)]
  private let last = NIOLockedValueBox<(at: ContinuousClock.Instant, failures: [String])?>(nil)

  /// What must be fine, each under its name, looked at in this order, at most every two seconds.
  package init(checks: [(name: String, check: Check)]) { self.checks = checks }

  /// Adds the two routes, which need no key.
  package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
    for method in [HTTPRequest.Method.get, .head] {
      router.on("/healthz", method: method) { _, _ in Response(.ok, ["status": "ok"]) }
      router.on("/readyz", method: method) { _, _ in
        let failures = await look()
        guard failures.isEmpty else { throw ServingError.notReady(failures) }
        return Response(.ok, ["status": "ready"])
      }
    }
  }

  private func look() async -> [String] {
    if let last = last.withLockedValue({ $0 }), .now - last.at < Health.freshness { return last.failures }
    var failures: [String] = []
    for (name, check) in checks {
      // Some wait for the disk: not on a thread that serves connections.
      let sentence = await withTaskExecutorPreference(globalConcurrentExecutor, operation: check)
      if let sentence { failures.append("\(name): \(sentence)") }
    }
    last.withLockedValue { [failures] in $0 = (.now, failures) }
    return failures
  }
}
