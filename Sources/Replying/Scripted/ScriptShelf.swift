internal import Foundation
internal import NIOConcurrencyHelpers

/// Keeps scripts read: an edited file is read again at its next use, and one that was broken by an edit answers as before.
package final class ScriptShelf: Sendable {
  private struct Entry: Sendable {
    let modified: Date?
    let responder: ScriptedResponder
  }

  private let entries = NIOLockedValueBox<[String: Entry]>([:])
  /// Nil until somebody asks for it: whoever answers by a model need not read it, nor load what reads YAML.
  private let starter = NIOLockedValueBox<Result<ScriptedResponder, ScriptError>?>(nil)
  private let onBroken: @Sendable (_ path: String, _ problem: String) -> Void

  /// - Parameter onBroken: Told what is wrong with a file, at each use until it is mended.
  package init(onBroken: @escaping @Sendable (_ path: String, _ problem: String) -> Void) {
    self.onBroken = onBroken
  }

  /// The responder of the script at `path`, or of the starter script when there is none.
  ///
  /// - Throws: `ReplyError.scriptBroken` when the file cannot be used and never could.
  package func responder(at path: String?) throws(ReplyError) -> ScriptedResponder {
    guard let path else {
      do {
        return try readStarter().get()
      } catch {
        throw .scriptBroken(path: "the built-in script", problem: error.message)
      }
    }
    // A file that cannot be asked for its time cannot be read either, and reading says why.
    let modified = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    let known = entries.withLockedValue { $0[path] }
    if let known, known.modified == modified, modified != nil { return known.responder }
    do throws(ReplyError) {
      let responder = ScriptedResponder(script: try ScriptShelf.read(path))
      entries.withLockedValue { $0[path] = Entry(modified: modified, responder: responder) }
      return responder
    } catch {
      guard let known, case .scriptBroken(_, let problem) = error else { throw error }
      onBroken(path, problem)
      return known.responder
    }
  }

  private func readStarter() -> Result<ScriptedResponder, ScriptError> {
    starter.withLockedValue { known in
      if let known { return known }
      let read: Result<ScriptedResponder, ScriptError>
      do throws(ScriptError) {
        read = .success(ScriptedResponder(script: try Script(yaml: Script.starter)))
      } catch {
        read = .failure(error)
      }
      known = read
      return read
    }
  }

  /// Reads one script file.
  package static func read(_ path: String) throws(ReplyError) -> Script {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .scriptBroken(path: path, problem: "The file cannot be read.")
    }
    do {
      return try Script(yaml: String(decoding: data, as: UTF8.self))
    } catch {
      throw .scriptBroken(path: path, problem: error.message)
    }
  }
}
