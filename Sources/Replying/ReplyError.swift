/// Why there is no reply.
package enum ReplyError: Error, Hashable, Sendable {
  /// The reply of the script in this line came out without a word.
  case scriptSilent(line: Int)
  /// A pattern of the script's rule in this line found no end on the customer's text.
  case patternTooSlow(line: Int)
  /// The script file cannot be read, or says what no script may say.
  case scriptBroken(path: String, problem: String)

  /// Bounded: the file's reason in failed/, the log metadata, the metric label.
  package var reason: String {
    switch self {
    case .scriptSilent: "reply.script_silent"
    case .patternTooSlow: "reply.pattern_too_slow"
    case .scriptBroken: "reply.script_broken"
    }
  }

  /// Whether another try may succeed; a script answers the same again.
  package var isTemporary: Bool {
    switch self {
    case .scriptSilent, .patternTooSlow, .scriptBroken: false
    }
  }

  package var message: String {
    switch self {
    case .scriptSilent(let line): "The script's reply in line \(line) came out empty."
    case .patternTooSlow(let line): "The pattern of the script's rule in line \(line) was given up on: it tried too many ways to match."
    case .scriptBroken(let path, let problem): "The script \(path) cannot be used. \(problem)"
    }
  }

  package var advice: String {
    switch self {
    case .scriptSilent: "Give its variables something to fall back on, as in `{text|your message}`, then run the message again."
    case .patternTooSlow: "Write it without a repeat inside a repeat, such as `(a+)+`, then run the message again."
    case .scriptBroken: "Mend the file, then run the message again."
    }
  }
}
