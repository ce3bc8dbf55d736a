internal import Parsing
internal import Spooling

/// Shows what a bulk file holds, line by line, in bounded memory.
struct BulkShow {
  /// One JSON object a line: `{"line":17,"events":…}`, or `{"line":17,"error":…}`.
  let json: Bool

  func show(_ path: String) throws(CommandFailure) {
    var (shown, bad) = (0, 0)
    do throws(SpoolError) {
      var reader = try LineReader(path: path)
      while true {
        var (bytes, isTooLong) = ([UInt8](), false)
        let line = try reader.next { piece in
          isTooLong = isTooLong || bytes.count + piece.count > FileContent.largest
          if !isTooLong { bytes += piece }
        }
        guard let line else { break }
        if line.isBlank { continue }
        shown += 1
        if !show(line.number, isTooLong ? nil : bytes) { bad += 1 }
      }
    } catch {
      throw CommandFailure(error)
    }
    Talk.say("\(shown) \(shown == 1 ? "payload" : "payloads")\(bad > 0 ? ", \(bad) of them malformed" : "")")
    if bad > 0 { throw CommandFailure(.someFailed, "") }
  }

  /// False when the line is no payload; nil bytes are too many.
  private func show(_ number: Int, _ bytes: [UInt8]?) -> Bool {
    guard let bytes else {
      refuse(number, "file.too_large", "It has more than \(FileContent.largest) bytes.")
      return false
    }
    do throws(ParseError) {
      let payload = try ParsedPayload(bytes: bytes)
      if json {
        Answer.line(payload.json(ofLine: number))
      } else {
        Answer.line("line \(number):")
        payload.tell()
      }
      return true
    } catch {
      refuse(number, error.reason, error.message)
      return false
    }
  }

  private func refuse(_ number: Int, _ reason: String, _ message: String) {
    if json {
      Answer.line(ParsedPayload.json(ofLine: number, reason: reason, message: message))
    } else {
      Answer.line("line \(number): \(reason)  \(message)")
    }
  }
}
