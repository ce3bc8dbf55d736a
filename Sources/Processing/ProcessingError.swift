package import Recording
package import Spooling
package import Watching

/// Why the processor cannot go on; each case is the fault of a module below.
package enum ProcessingError: Error {
  case spool(SpoolError)
  case ledger(LedgerError)
  case watch(WatchError)

  /// Bounded: for logs.
  package var reason: String {
    switch self {
    case .spool(let error): error.reason
    case .ledger(let error): error.reason
    case .watch(let error): error.reason
    }
  }

  package var isTemporary: Bool {
    switch self {
    case .spool(let error): error.isTemporary
    case .ledger(let error): error.isTemporary
    case .watch(let error): error.isTemporary
    }
  }

  package var message: String {
    switch self {
    case .spool(let error): error.message
    case .ledger(let error): error.message
    case .watch(let error): error.message
    }
  }

  package var advice: String {
    switch self {
    case .spool(let error): error.advice
    case .ledger(let error): error.advice
    case .watch(let error): error.advice
    }
  }
}
