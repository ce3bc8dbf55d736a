/// One message on its way out: one part of a reply, one request.
package struct OutgoingText: Hashable, Sendable {
  /// Whom it goes to.
  package let to: Recipient
  /// At most 4096 characters, see ``ReplyParts``; the platform refuses more.
  package let text: String
  /// Our own id of this send, at most 512 characters: comes back in every status of the message.
  ///
  /// Source: the platform's status webhook reference.
  package let callbackData: String
  /// What is sent in the text's place, which then says the same to people.
  package let template: OutgoingTemplate?

  /// Takes what it is given; the platform judges it.
  package init(to: Recipient, text: String, callbackData: String, template: OutgoingTemplate? = nil) {
    (self.to, self.text, self.callbackData, self.template) = (to, text, callbackData, template)
  }
}
