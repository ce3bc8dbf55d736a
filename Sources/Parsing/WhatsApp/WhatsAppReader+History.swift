extension WhatsAppReader {
  /// One chunk: its threads, each with its messages.
  ///
  /// What is no object inside it is named in the fault; all the others are there.
  static func history(
    _ chunk: JSON.Object,
    contacts: WhatsAppContacts,
    at place: Place,
    in scope: Scope,
    _ notes: inout Notes
  ) -> (history: History, fault: String?) {
    var faults: [String] = []
    let progress = notes.under("metadata") { notes in chunk["metadata"].flatMap { HistoryProgress($0, &notes) } }
    let errors = elements("errors", of: chunk, at: "", &faults)
    var threads: [History.Thread] = []
    for (path, thread) in elements("threads", of: chunk, at: "", &faults) {
      let id = thread.string(forKey: "id")
      let messages = elements("messages", of: thread, at: "\(path).", &faults).map { path, message in
        notes.under(path) { notes in
          Self.message(message, from: .history(thread: id), contacts: contacts, at: Place("\(place).\(path)"), in: scope, &notes).message
        }
      }
      threads.append(History.Thread(id: id, messages: messages))
    }
    let history = History(
      progress: progress,
      threads: threads,
      errors: errors.map { path, error in notes.under(path) { PlatformError(error, &$0) } },
      rest: chunk.members.filter { !["metadata", "threads", "errors"].contains($0.key) && $0.value != .null }
    )
    if faults.count > 5 { faults[5...] = ["and \(faults.count - 5) more"] }
    return (history, faults.isEmpty ? nil : faults.joined(separator: "; "))
  }

  /// The objects of a list, each with its place.
  private static func elements(
    _ key: String,
    of object: JSON.Object,
    at place: String,
    _ faults: inout [String]
  ) -> [(place: String, object: JSON.Object)] {
    guard let value = object[key] else { return [] }
    guard let elements = value.arrayValue else {
      faults.append("\(place)\(key) \(value.complaint("a list").dropFirst("it ".count))")
      return []
    }
    var objects: [(String, JSON.Object)] = []
    for (index, element) in elements.enumerated() {
      let path = "\(place)\(key)[\(index)]"
      if let object = element.objectValue {
        objects.append((path, object))
      } else {
        faults.append("\(path) \(element.complaint("an object").dropFirst("it ".count))")
      }
    }
    return objects
  }
}
