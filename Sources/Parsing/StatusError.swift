/// An error as the platform reports it in a webhook.
package struct StatusError: Sendable, Hashable {
  package let code: Int?
  package let title: String?
  package let details: String?

  package init(code: Int?, title: String?, details: String?) {
    self.code = code
    self.title = title
    self.details = details
  }

  /// Takes the older forms too: details at the top, or `error_data` as a text.
  init(_ json: JSON.Object) {
    code = json.int(forKey: "code")
    let message = json.string(forKey: "message")
    let title = json.string(forKey: "title") ?? message
    let data = json["error_data"]
    self.title = title
    details = data?.string(forKey: "details") ?? data?.stringValue ?? json.string(forKey: "details") ?? (message == title ? nil : message)
  }

  /// On one line: `131047 Re-engagement message: window closed`.
  var sentence: String {
    let name = [code.map(String.init), title].compactMap(\.self).joined(separator: " ")
    return [name.isEmpty ? "without code" : name, details].compactMap(\.self).joined(separator: ": ")
  }
}
