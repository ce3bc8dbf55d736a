/// A message of a form that the platform has approved, with what is filled in.
///
/// Source: the platform's page on template messages.
package struct OutgoingTemplate: Codable, Hashable, Sendable {
  package let name: String
  /// As `pt_PT`: with an underscore, though the platform's notices write a hyphen.
  package let language: String
  /// What the body's places are filled with, in order.
  package let parameters: [String]

  package init(name: String, language: String, parameters: [String]) {
    (self.name, self.language, self.parameters) = (name, language, parameters)
  }
}
