/// Why a stand-in does not run.
package enum StandInError: Error, Hashable, Sendable {
  /// Somebody else listens on this port.
  case portTaken(Int)
  /// The server could not be started or went down.
  case failed(detail: String)
  /// It ran once already: a stand-in is made anew to run again.
  case alreadyRun
  /// It stopped, or the task that asked was cancelled, before there was an answer.
  case stopped

  /// Bounded: the log metadata.
  package var reason: String {
    switch self {
    case .portTaken: "simulator.port_taken"
    case .failed: "simulator.failed"
    case .alreadyRun: "simulator.already_run"
    case .stopped: "simulator.stopped"
    }
  }

  /// Whether another try may succeed.
  package var isTemporary: Bool {
    switch self {
    case .portTaken, .failed: true
    case .alreadyRun, .stopped: false
    }
  }

  /// What happened, as a sentence for the operator.
  package var message: String {
    switch self {
    case .portTaken(let port): "Port \(port) of 127.0.0.1 is in use by another program."
    case .failed(let detail): "The stand-in could not serve: \(detail)."
    case .alreadyRun: "This stand-in has been started before."
    case .stopped: "The stand-in was stopped."
    }
  }

  /// What the operator should do.
  package var advice: String {
    switch self {
    case .portTaken: "Stop the other program, or choose another port, or none to get any free one."
    case .failed: "Look at the limits of this process (ulimit -n) and at the machine's network, then start again."
    case .alreadyRun, .stopped: "Start a new one."
    }
  }
}
