internal import Glibc

/// Why a directory cannot be watched.
package enum WatchError: Error, Hashable, Sendable {
  /// Another watcher runs in this process: libinotifytools keeps its state in statics.
  case alreadyRunning
  case directoryMissing(String)
  case notADirectory(String)
  /// The next free descriptor is too high for select(2), on which libinotifytools waits.
  case descriptorTooHigh(Int32)
  /// A system call failed; `code` is its errno.
  case refused(code: Int32)

  /// Bounded: the log metadata and the metric label.
  package var reason: String {
    switch self {
    case .alreadyRunning: "watch.already_running"
    case .directoryMissing: "watch.directory_missing"
    case .notADirectory: "watch.not_a_directory"
    case .descriptorTooHigh: "watch.descriptor_too_high"
    case .refused: "watch.refused"
    }
  }

  /// Whether another try may succeed without a change of the program or of its settings.
  package var isTemporary: Bool {
    switch self {
    case .directoryMissing, .refused: true
    case .alreadyRunning, .notADirectory, .descriptorTooHigh: false
    }
  }

  package var message: String {
    switch self {
    case .alreadyRunning: "Another directory is already watched by this process."
    case .directoryMissing(let path): "The directory \(path) does not exist."
    case .notADirectory(let path): "\(path) is not a directory."
    case .descriptorTooHigh(let number): "The next free descriptor is \(number); a watch needs one under 1024."
    case .refused(let code): "The system refuses the watch: \(String(cString: strerror(code)))."
    }
  }

  package var advice: String {
    switch self {
    case .alreadyRunning: "Stop the other watcher first."
    case .directoryMissing(let path): "Make it with `mkdir -p \(path)`, or correct the setting that names it."
    case .notADirectory: "Move the file out of the way, or correct the setting that names it."
    case .descriptorTooHigh: "Start the watcher before connections and files are opened."
    case .refused(ENOSPC): "Raise fs.inotify.max_user_watches (sysctl)."
    case .refused(EMFILE): "Raise fs.inotify.max_user_instances (sysctl) or this process's open file limit (ulimit -n)."
    case .refused(EACCES): "Let this process's user read the directory."
    case .refused: "Without a watch new files are still found by the periodic scan, only later."
    }
  }
}
