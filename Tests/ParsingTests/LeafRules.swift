@testable import Parsing

// Where each value of a payload is found in its event, and which are left out.

/// Keys that an event writes otherwise.
let leafNames: [String: Set<String>] = [
  "from": ["phone", "scoped_id"], "to": ["phone"], "wa_id": ["phone"], "user_id": ["scoped_id"], "parent_user_id": ["parent_scoped_id"],
  "from_user_id": ["scoped_id"], "to_user_id": ["scoped_id"], "from_parent_user_id": ["parent_scoped_id"],
  "to_parent_user_id": ["parent_scoped_id"],
  "parent_recipient_user_id": ["recipient_parent_user_id"], "payload": ["id"], "text": ["title", "body", "caption"], "phone": ["value"],
  "email": ["value"],
  "url": ["value"],
  "message": ["title"], "error_data": ["details"], "phone_number_id": ["address"], "display_phone_number": ["display_address"],
  "id": ["account", "scoped_id", "recipient_user_id", "user_id", "address"], "mid": ["id", "message_id", "original_message_id"],
  "mids": ["id"],
  "type": ["kind", "category"], "title": ["name"], "lat": ["latitude"], "long": ["longitude"], "timestamp": ["time"],
  "source": ["source_type"], "ad_id": ["source_id"], "is_echo": ["is_ours"], "notification_messages_status": ["value"], "action": ["event"],
]

/// A value that no event keeps, and why.
struct LeftOut {
  let reason: String
  let isMeant: @Sendable (Leaf, String) -> Bool

  init(_ reason: String, _ isMeant: @escaping @Sendable (Leaf, String) -> Bool) {
    self.reason = reason
    self.isMeant = isMeant
  }
}

/// Takes a leaf and the name of its fixture.
let leftOut: [LeftOut] = [
  LeftOut("`messaging_product` says no more than the event's platform") { leaf, _ in leaf.key == "messaging_product" },
  LeftOut("`field` has become the event's kind") { leaf, _ in leaf.path.hasSuffix("].field") },
  LeftOut("`type` of an interactive message names the object beside it, which is read") { leaf, _ in
    leaf.path.hasSuffix(".interactive.type")
  },
  LeftOut("`from` of what we sent is our own number: the event's address") { leaf, _ in
    leaf.key == "from" && leaf.value == .string("15550100100") && !leaf.path.contains(".context.")
  },
  LeftOut("`entry[].time` is when the webhook was made; only notices have no better time") { leaf, _ in leaf.path.hasSuffix("].time") },
  LeftOut("`is_deleted` and `is_unsupported` have become the message's type") { leaf, _ in
    ["is_deleted", "is_unsupported"].contains(leaf.key) && leaf.value == .bool(true)
  },
  LeftOut("of two equal keys the last one counts") { leaf, fixture in
    fixture == "whatsapp/duplicate-keys" && leaf.value == .string("primeiro")
  },
  LeftOut("what is no object in a list inside an event is named in a note or a fault") { leaf, fixture in
    fixture == "whatsapp/status-failed-bad-error" || fixture == "whatsapp/history-with-bad-parts" && leaf.path.contains("threads")
  },
  LeftOut("a contact that only stands beside a message gives no more than names") { leaf, fixture in
    fixture == "whatsapp/wrong-types-everywhere" && leaf.path.hasSuffix("contacts[0].wa_id")
  },
  LeftOut("`contacts` or `metadata` of a wrong type is named in a note") { leaf, _ in
    leaf.path.hasSuffix(".contacts") || leaf.path.hasSuffix(".metadata")
  },
  LeftOut("a change or an entry with nothing in it is named in a note") { _, fixture in
    ["whatsapp/empty-arrays", "instagram/empty-entries", "messenger/empty-entries"].contains(fixture)
  },
]
