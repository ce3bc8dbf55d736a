/// Where a payload lies, which is its state.
package enum Folder: Hashable, Sendable, CustomStringConvertible {
  case incoming
  case active(owner: String)
  case deferred
  case hold
  case done(Day)
  case failed(Day)

  /// The path inside the spool: `failed/2026-11-22`.
  package var description: String {
    switch self {
    case .incoming: "incoming"
    case .active(let owner): "active/\(owner)"
    case .deferred: "deferred"
    case .hold: "hold"
    case .done(let day): "done/\(day)"
    case .failed(let day): "failed/\(day)"
    }
  }
}

/// One payload and the place where it lay when it was looked at; any process may have moved it since.
package struct FiledPayload: Sendable, Hashable {
  package let folder: Folder
  package let id: PayloadID
  /// The file's path: the spool's path as it was given, and what lies below.
  package let path: String

  package init(folder: Folder, id: PayloadID, path: String) {
    (self.folder, self.id, self.path) = (folder, id, path)
  }
}
