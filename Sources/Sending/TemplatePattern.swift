/// A template of an agent's, with what its places are filled by in each conversation.
///
/// A parameter is text with `{name}`, `{phone}`, `{channel}` or `{message}` in it, each with what stands for it where nothing is known:
/// `{name|there}`.
package struct TemplatePattern: Codable, Hashable, Sendable {
  package let name: String
  package let language: String
  package let parameters: [String]
  /// Whether the platform has approved it as advertising, which a customer may refuse.
  package let isMarketing: Bool

  package struct Problem: Error, Hashable, Sendable {
    package let message: String
  }

  private static let places = ["name", "phone", "channel", "message"]

  /// - Throws: What is wrong with it, as a sentence.
  package init(name: String, language: String, parameters: [String], isMarketing: Bool) throws(Problem) {
    // Source: the platform's page on templates: lower case letters, digits and underscores, 512 at most.
    guard (1...512).contains(name.utf8.count), name.wholeMatch(of: /[a-z0-9_]+/) != nil else {
      throw Problem(message: "the template's name is “\(name)”; it has lower case letters, digits and underscores")
    }
    guard language.wholeMatch(of: /[a-z]{2,3}(_[A-Z]{2})?/) != nil else {
      throw Problem(message: "the template's language is “\(language)”; it is written as pt_PT or en")
    }
    for parameter in parameters {
      guard !parameter.isEmpty, parameter.utf8.count <= 512 else {
        throw Problem(message: "a template's parameter has 1 to 512 characters")
      }
      for match in parameter.matches(of: /\{([^}|]*)(\|[^}]*)?\}/) where !TemplatePattern.places.contains(String(match.output.1)) {
        throw Problem(message: "“\(match.output.0)” is not known; parameters take {name}, {phone}, {channel} and {message}")
      }
      guard !parameter.replacing(/\{[^}]*\}/, with: "").contains("{") else {
        throw Problem(message: "“\(parameter)” has a { without its }; parameters take {name}, {phone}, {channel} and {message}")
      }
    }
    (self.name, self.language, self.parameters, self.isMarketing) = (name, language, parameters, isMarketing)
  }

  /// The template with what is known, by the names of the places, filled in.
  ///
  /// What is missing or blank is replaced as the place says, or by a dash, for the platform takes no empty parameter.
  package func filled(_ values: [String: String]) -> OutgoingTemplate {
    OutgoingTemplate(name: name, language: language, parameters: parameters.map { TemplatePattern.fill($0, values) })
  }

  private static func fill(_ parameter: String, _ values: [String: String]) -> String {
    let text = parameter.replacing(/\{([^}|]*)(\|([^}]*))?\}/) { match in
      let known = values[String(match.output.1)].map(plain) ?? ""
      return known.isEmpty ? match.output.3.map(String.init) ?? "" : known
    }
    let line = plain(text)
    return line.isEmpty ? "–" : line
  }

  /// In one line, without doubled blanks, cut at 60 characters.
  ///
  /// Source: the platform's error 132012's page: no line breaks, tabs, nor four blanks in a row.
  private static func plain(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 60 ? line.prefix(59) + "…" : line
  }
}

extension OutgoingTemplate {
  /// What it says, for people: the platform alone knows the words around the parameters.
  package var text: String {
    "[\(name) \(language)\(parameters.isEmpty ? "" : ": " + parameters.joined(separator: " · "))]"
  }
}
