import Foundation
import Glibc
import NIOConcurrencyHelpers

/// A program, running.
///
/// Its end is waited for on a thread of its own, by its own process id.
final class Child: Sendable {
  private struct End {
    var status: Int32?
    var waiting: [CheckedContinuation<Int32, Never>] = []
  }

  private let process: pid_t
  private let output: String
  private let talk: String
  private let end = NIOLockedValueBox(End())

  init(_ program: String = Workplace.program, arguments: [String], environment: [String: String], folder: String) throws {
    let mark = UUID().uuidString
    (output, talk) = (folder + "/\(mark).out", folder + "/\(mark).err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, talk, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    // `env` changes the folder and becomes the program: one process, one id.
    var words = (["env", "-C", folder, program] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for word in words + variables { free(word) } }
    var process = pid_t()
    let code = posix_spawn(&process, "/usr/bin/env", &actions, nil, &words, &variables)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    self.process = process
    let thread = Thread { [process, end] in
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      let waiting = end.withLockedValue { end in
        end.status = status
        defer { end.waiting = [] }
        return end.waiting
      }
      for continuation in waiting { continuation.resume(returning: status) }
    }
    thread.start()
  }

  /// What it has said so far.
  var said: String { (try? String(contentsOfFile: talk, encoding: .utf8)) ?? "" }

  var hasEnded: Bool { end.withLockedValue { $0.status != nil } }

  /// Does nothing to one that has ended: its number may be another's.
  func signal(_ number: Int32) {
    if !hasEnded { kill(process, number) }
  }

  /// Waits for its end.
  func ended() async throws -> Workplace.Ended {
    let status = await withCheckedContinuation { continuation in
      let status = end.withLockedValue { end in
        if end.status == nil { end.waiting.append(continuation) }
        return end.status
      }
      if let status { continuation.resume(returning: status) }
    }
    let number = status & 0x7F
    return Workplace.Ended(
      status: number == 0 ? (status >> 8) & 0xFF : 128 + number, output: try String(contentsOfFile: output, encoding: .utf8), talk: said)
  }

  /// Ends it as an operator would, and waits.
  @discardableResult
  func stop() async throws -> Workplace.Ended {
    signal(SIGTERM)
    return try await ended()
  }
}
