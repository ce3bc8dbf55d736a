/// Why a claimed file has no content to be parsed; the file itself is as it was.
package enum FileFault: Error, Hashable, Sendable {
  /// A folder, link, pipe, socket or device; it was never opened.
  case notRegular
  /// Opening or reading failed with this errno.
  case unreadable(errno: Int32)
  /// More than 16 MiB; it was not read.
  case tooLarge(bytes: Int)
  /// It is named as a bulk file, and none of its first lines is a JSON object.
  case noLines

  /// Names the case; bounded, fit for a reason file and a metric's label.
  package var reason: String {
    switch self {
    case .notRegular: "file.not_regular"
    case .unreadable: "file.unreadable"
    case .tooLarge: "file.too_large"
    case .noLines: "payload.malformed"
    }
  }

  /// Whether another try may succeed by itself: never, for each needs somebody to change the file.
  package var isTemporary: Bool {
    switch self {
    case .notRegular, .unreadable, .tooLarge, .noLines: false
    }
  }

  /// Says what happened, in one sentence.
  package var message: String {
    switch self {
    case .notRegular: "This is not a regular file but a folder, link, pipe, socket or device; it was not opened."
    case .unreadable(let code): "The file could not be read: \(SystemCall.text(of: code))."
    case .tooLarge(let bytes): "The file has \(bytes) bytes; a payload has at most \(FileContent.largest)."
    case .noLines: "None of its first \(BulkHead.lines) lines is a JSON object, so it is no file of one payload a line."
    }
  }

  /// Says what the operator should do.
  package var advice: String {
    switch self {
    case .notRegular: "Copy the payload itself into incoming/: one regular file a payload."
    case .unreadable: "Give the file to the spool's user (chown, chmod 0600), then move it back to incoming/."
    case .tooLarge: "Split it into one payload a file, then drop the parts into incoming/."
    case .noLines: "Write one payload a line (jq -c does it), and drop that; one payload over several lines is a *.json."
    }
  }
}
