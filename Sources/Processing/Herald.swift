package import Foundation
package import Recording

/// Tells an operator of an alert, each once when it is raised and once when it is over.
package protocol Herald: Sendable {
  /// - Parameters:
  ///   - alert: What it is about.
  ///   - isResolved: Whether it is over.
  func tell(_ alert: Alert, isResolved: Bool) async
}

/// Nobody is told but by the log and by `status`.
package struct SilentHerald: Herald {
  package init() {}

  package func tell(_ alert: Alert, isResolved: Bool) async {}
}

/// Something that is well or not, looked at now and then.
package struct Condition: Hashable, Sendable {
  package let kind: String
  package let subject: String
  /// What is wrong and what to do; nil when nothing is.
  package let trouble: String?

  package init(_ kind: String, about subject: String, trouble: String?) {
    (self.kind, self.subject, self.trouble) = (kind, subject, trouble)
  }
}

/// Looks at what the ledger does not know: the disk, what was refused at the door.
package protocol Sentry: Sendable {
  /// Every condition it minds, well ones too; quick, for it is asked every ten seconds.
  func conditions(at now: Date) async -> [Condition]
}

package struct IdleSentry: Sentry {
  package init() {}

  package func conditions(at now: Date) async -> [Condition] { [] }
}
