import Foundation

/// What every element has, whatever it is about.
struct MessagingElement: Record {
  var sender: JSON?
  var recipient: JSON?
  var timestamp: Date?
  /// All others; one of them is what it is about.
  var rest: [JSON.Member] = []

  static let fields: [Field<MessagingElement>] = [
    .raw("sender", at: \.sender),
    .raw("recipient", at: \.recipient),
    .time("timestamp", at: \.timestamp),
  ]

  /// What its first member that is not known is called.
  var unknownName: String? { rest.first { $0.key != "timestamp" }?.key }
}

/// Who stands on which side of an element.
struct MessagingParties {
  /// Without an id when the element gives none.
  let customer: Customer
  /// Whether the business sent it.
  let isOurs: Bool
  /// The business's side as it was, when it says more than the entry does.
  let rest: [JSON.Member]

  /// Tells the sides apart; `scope` takes the business's id as the address where the entry has none.
  ///
  /// What the account itself sent is ours, also when `isEcho` is false because the element does not say so.
  init(of element: MessagingElement, isEcho: Bool, in scope: inout Scope, _ notes: inout Notes) {
    let sender = notes.under("sender") { notes in element.sender.flatMap { Customer(party: $0, &notes) } }
    let recipient = notes.under("recipient") { notes in element.recipient.flatMap { Customer(party: $0, &notes) } }
    let isFromAccount = sender?.scopedID != nil && sender?.scopedID == scope.account
    if isFromAccount, !isEcho { notes.add("the account itself sent it, so it is taken for an echo") }
    isOurs = isEcho || isFromAccount
    customer = (isOurs ? recipient : sender) ?? Customer()
    let business = isOurs ? sender : recipient
    let key = isOurs ? "sender" : "recipient"
    if scope.address == nil {
      scope.address = business?.scopedID
      notes.add(business?.scopedID == nil ? "it does not say which account it is about" : "the entry has no id, so the \(key)'s counts")
    } else if let id = business?.scopedID, id != scope.address {
      notes.add("it is not the entry's account", at: key)
    }
    let isKnown = business != nil && business == scope.address.map { Customer(scopedID: $0) }
    let kept = [
      (key, isKnown ? nil : isOurs ? element.sender : element.recipient),
      // What is no object is named in a note, and stays.
      (isOurs ? "recipient" : "sender", (isOurs ? element.recipient : element.sender).flatMap { $0.objectValue == nil ? $0 : nil }),
    ]
    rest = kept.compactMap { key, value in value.map { JSON.Member(key: key, value: $0) } }
  }
}

extension Customer {
  /// Reads a `sender` or `recipient`, where the scoped id is called `id`; nil, with a note, when it is no object.
  init?(party json: JSON, _ notes: inout Notes) {
    guard let object = json.objectValue else {
      notes.add(json.complaint("an object"))
      return nil
    }
    self.init(object, &notes)
    guard let id = rest.take("id"), id != .string("") else { return }
    if let text = id.stringValue {
      scopedID = text
    } else {
      notes.add(id.complaint("a text"), at: "id")
      rest.append(JSON.Member(key: "id", value: id))
    }
  }

  /// Nil when there is nothing to say of them but their scoped id.
  var beyondID: Customer? { self == Customer(scopedID: scopedID) ? nil : self }
}
