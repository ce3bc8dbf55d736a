/// Why the ledger could not do it.
package enum LedgerError: Error, Hashable, Sendable {
  /// Somebody else kept the database for longer than we wait.
  case busy
  case full
  case failedRead(detail: String)
  case unwritable(path: String, detail: String)
  /// The ledger belongs to another user, who could not open the log files that we would leave beside it.
  case foreign(owner: String, path: String)
  case corrupt(detail: String)
  /// A constraint of the schema refused a row: a fault of ours, and the row was not written.
  case constraint(detail: String)
  case newerSchema
  /// The database does not sync each commit, whatever was set.
  case notDurable(synchronous: Int)
  /// Another process holds the conversation, or took it over: touch nothing.
  case leaseLost
  case wrongKey
  case closed
  case failed(detail: String)

  /// Bounded: for logs, reason files and metrics.
  package var reason: String {
    switch self {
    case .busy: "ledger.busy"
    case .full: "ledger.full"
    case .failedRead: "ledger.io"
    case .unwritable: "ledger.unwritable"
    case .foreign: "ledger.foreign"
    case .corrupt: "ledger.corrupt"
    case .constraint: "ledger.constraint"
    case .newerSchema: "ledger.newer_schema"
    case .notDurable: "ledger.not_durable"
    case .leaseLost: "ledger.lease_lost"
    case .wrongKey: "ledger.wrong_key"
    case .closed: "ledger.closed"
    case .failed: "ledger.failed"
    }
  }

  /// Whether another try, with nothing changed by us, may succeed.
  package var isTemporary: Bool {
    switch self {
    case .busy, .full, .failedRead, .newerSchema: true
    case .unwritable, .foreign, .corrupt, .constraint, .notDurable, .leaseLost, .wrongKey, .closed, .failed: false
    }
  }

  package var message: String {
    switch self {
    case .busy: "Another program holds the ledger."
    case .full: "The disk under the ledger is full."
    case .failedRead(let detail): "The disk under the ledger failed: \(detail)."
    case .unwritable(let path, let detail): "The ledger \(path) cannot be opened for writing: \(detail)."
    case .foreign(let owner, let path): "The ledger \(path) belongs to the user \(owner), not to the one that runs this."
    case .corrupt(let detail): "The ledger is damaged: \(detail)."
    case .constraint(let detail): "The ledger refused a row: \(detail)."
    case .newerSchema: "The ledger was written by a newer replyd."
    case .notDurable(let synchronous): "The ledger would not sync its commits (synchronous is \(synchronous), not 2)."
    case .leaseLost: "Another process has taken the conversation."
    case .wrongKey: "REPLYD_SECRET_KEY is not the key that this ledger's access tokens were sealed with."
    case .closed: "The ledger is closed."
    case .failed(let detail): "The ledger failed: \(detail)."
    }
  }

  package var advice: String {
    switch self {
    case .busy: "End the program that keeps it open for writing (a sqlite3 shell in a transaction?); replyd tries again by itself."
    case .full: "Free some space; replyd tries again by itself."
    case .failedRead: "Look into the system's log for disk errors; replyd tries again by itself."
    case .unwritable: "Make the file and its folder belong to the user that replyd runs as."
    case .foreign(let owner, _): "Run the same command as that user: `sudo -u \(owner) replyd …`."
    case .corrupt: "Stop replyd, restore the ledger from a backup, then start again; no payload is lost, they lie in the spool."
    case .constraint, .leaseLost, .closed, .failed: "Keep the file and the log and report this: it is a fault in replyd."
    case .newerSchema: "Start the newer replyd, or restore the ledger of before."
    case .notDurable: "Report this with the version of libsqlite3: it is a fault in replyd."
    case .wrongKey: "Start replyd with the key that was set when the channels were added."
    }
  }
}
