@testable import Parsing

// Payloads made for a case, so that a table shows only what the case is about.

/// A payload with these elements in `value.messages`.
func payload(messages: String, field: String = #""field":"messages","#) -> String {
  payload(value: #""metadata":{"phone_number_id":"100000000000001"},"messages":[\#(messages)]"#, field: field)
}

/// A payload with these elements in `value.statuses`.
func payload(statuses: String) -> String {
  payload(value: #""metadata":{"phone_number_id":"100000000000001"},"statuses":[\#(statuses)]"#)
}

/// A payload of one change with these members in its `value`.
func payload(value: String, field: String = #""field":"messages","#) -> String {
  #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{\#(field)"value":{\#(value)}}]}]}"#
}

/// A payload of Instagram or Messenger with these elements in `messaging`, or another list; the account is 1.
func payload(_ platform: Platform, elements: String, in list: String = "messaging") -> String {
  #"{"object":"\#(platform == .instagram ? "instagram" : "page")","entry":[{"id":"1","time":1790000000000,"\#(list)":[\#(elements)]}]}"#
}

/// An element from customer 2 with these members.
func element(_ members: String) -> String {
  #"{"sender":{"id":"2"},"recipient":{"id":"1"},"timestamp":1790000000000,\#(members)}"#
}

/// An element from the account with these members.
func ours(_ members: String) -> String { #"{"sender":{"id":"1"},"recipient":{"id":"2"},"timestamp":1790000000000,\#(members)}"# }

func parse(_ text: String) throws -> ParsedPayload { try ParsedPayload(bytes: Array(text.utf8)) }

/// A message with a body and whatever else the case is about.
func text(_ id: String, _ members: String = "") -> String {
  #"{"from":"15550100177","id":"\#(id)","timestamp":"1790000001","type":"text","text":{"body":"body of \#(id)"}\#(members)}"#
}

extension Event {
  var message: Message? {
    guard case .message(let message) = content else { return nil }
    return message
  }

  var status: Status? {
    guard case .status(let status) = content else { return nil }
    return status
  }
}
