internal import Foundation
internal import Glibc
internal import NIOConcurrencyHelpers
internal import Processing
internal import Receiving
internal import Recording
internal import Replying
internal import Simulating
internal import Spooling
internal import Transferring

/// What the program answers to the shell.
enum ExitStatus: Int32 {
  case done = 0
  case someFailed = 1
  case wrongCall = 2
  /// EX_TEMPFAIL of sysexits.h: the same call may succeed later.
  case tryLater = 75
}

/// Why a command ended early, as the person at the shell reads it.
struct CommandFailure: Error {
  let code: ExitStatus
  /// What is wrong and what to do, without the program's name.
  let text: String

  init(_ code: ExitStatus, _ text: String) {
    (self.code, self.text) = (code, text)
  }

  /// Something was named that is not there: `no("user", "user_x")`.
  static func no(_ noun: String, _ id: String) -> CommandFailure {
    CommandFailure(.wrongCall, "there is no \(noun) \(id); `replyd \(noun) list` lists them")
  }

  init(isTemporary: Bool, _ message: String, _ advice: String) {
    self.init(isTemporary ? .tryLater : .wrongCall, "\(message)\n        \(advice)")
  }

  init(_ error: LedgerError) { self.init(isTemporary: error.isTemporary, error.message, error.advice) }
  init(_ error: SpoolError) { self.init(isTemporary: error.isTemporary, error.message, error.advice) }
  init(_ error: ProcessingError) { self.init(isTemporary: error.isTemporary, error.message, error.advice) }
  init(_ error: ListenError) { self.init(isTemporary: error.isTemporary, error.message, error.advice) }
  init(_ error: TransferError) { self.init(isTemporary: error.isTemporary, error.message, error.advice) }
}

/// Writes to a stream that may be gone: a pipe that nobody reads, a full disk.
enum Output {
  /// - Returns: The error for which some of it is lost, or nil.
  @discardableResult
  static func write(_ text: String, to stream: Int32) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(stream, $0.baseAddress, $0.count) }
      let code = errno
      if count < 0, code == EINTR { continue }
      guard count > 0 else { return code }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}

/// Says things to a person: stderr.
enum Talk {
  static func say(_ line: String) {
    Output.write(line + "\n", to: STDERR_FILENO)
  }
}

/// Answers: stdout, one thing a line, or JSON for programs.
enum Answer {
  /// Why the first part of the answer that is lost could not be written.
  private static let loss = NIOLockedValueBox<Int32?>(nil)

  /// What is wrong when some of the answer could not be written: the disk is full, stdout is closed.
  ///
  /// Who reads a pipe may stop reading: nothing is wrong then.
  static var failure: CommandFailure? {
    guard let loss = loss.withLockedValue({ $0 }), loss != EPIPE else { return nil }
    return CommandFailure(
      .someFailed, "what was asked is done, but the answer could not be written to stdout: \(String(cString: strerror(loss)))")
  }

  /// Written at once: who reads a pipe waits for it.
  static func line(_ text: String) {
    guard let error = Output.write(text + "\n", to: STDOUT_FILENO) else { return }
    loss.withLockedValue { $0 = $0 ?? error }
  }

  /// One JSON object with sorted keys, indented.
  static func json(_ value: some Encodable) throws(CommandFailure) { line(try text(value)) }

  /// The same, not written yet; compact in one line.
  static func text(_ value: some Encodable, isCompact: Bool = false) throws(CommandFailure) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !isCompact { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.dateEncodingStrategy = .iso8601
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw CommandFailure(.wrongCall, "the answer could not be written as JSON: \(error)")
    }
  }
}
