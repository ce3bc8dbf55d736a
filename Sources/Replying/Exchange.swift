/// One thing that was said in a conversation.
package struct Exchange: Sendable, Hashable {
  package enum Role: String, Sendable, Hashable, Codable {
    case customer
    case agent
  }

  package let role: Role
  package let text: String

  package init(role: Role, text: String) {
    self.role = role
    self.text = text
  }
}
