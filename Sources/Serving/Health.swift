package import Hummingbird

/// `/healthz`: the process answers; `/readyz`: it can do its work.
package struct Health: Sendable {
  /// Looks at one thing: nil when it is fine, else a sentence that anybody may read.
  package typealias Check = @Sendable () async -> String?

  private let checks: [(name: String, check: Check)]

  /// What must be fine, each under its name, looked at in this order at each request.
  package init(checks: [(name: String, check: Check)]) { self.checks = checks }

  /// Adds the two routes, which need no key.
  package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
    router.get("/healthz") { _, _ in Response(.ok, ["status": "ok"]) }
    router.get("/readyz") { _, _ in
      var failures: [String] = []
      for (name, check) in checks {
        if let sentence = await check() { failures.append("\(name): \(sentence)") }
      }
      guard failures.isEmpty else { throw ServingError.notReady(failures) }
      return Response(.ok, ["status": "ready"])
    }
  }
}
