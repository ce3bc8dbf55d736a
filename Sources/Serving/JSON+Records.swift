internal import Foundation
internal import Recording

// How the API shows the ledger's rows. Nothing secret is among their columns.

extension Account {
  /// With the key, which is shown this once and kept nowhere.
  func json(with key: APIKey) -> JSON {
    [
      "user_id": .text(id), "api_key": .text(key.secret), "email": .text(email), "name": .text(name), "company_name": .text(companyName),
      "balance": .integer(balance), "created_at": .time(createdAt),
    ]
  }
}

extension Channel {
  var json: JSON {
    [
      "phone_number_id": .text(id), "platform": .text(platform), "meta_phone_number_id": .text(addressID),
      "display_name": .text(displayName), "verified": .bool(verifiedAt != nil), "created_at": .time(createdAt),
    ]
  }
}

extension Agent {
  func json(warnings: [String]) -> JSON {
    [
      "agent_id": .text(id), "phone_number_id": .text(channelID), "prompt_id": .text(promptID), "name": .text(name),
      "responder": .text(responder.rawValue), "model": .text(model), "price": .integer(price),
      "quiet_period": .text(quietPeriod?.text), "active": .bool(isActive), "created_at": .time(createdAt), "warnings": .texts(warnings),
    ]
  }
}

extension PromptVersion {
  func json(warnings: [String]) -> JSON {
    [
      "prompt_id": .text(promptID), "name": .text(name), "version": .integer(version), "text": .text(text),
      "created_at": .time(createdAt), "warnings": .texts(warnings),
    ]
  }
}

extension ConversationRecord {
  func json(at now: Date) -> JSON {
    [
      "conversation_id": .text(id), "phone_number_id": .text(channelID), "state": .text(state(at: now).rawValue),
      "customer": ["id": .text(customerID), "name": .text(customerName), "phone": .text(phone), "user_id": .text(scopedID)],
      "human_until": .time(humanUntil.flatMap { $0 > now ? $0 : nil }), "last_turn_at": .time(lastTurnAt),
    ]
  }
}

extension ListedMessage {
  var json: JSON {
    [
      "id": .text(id), "direction": .text(direction.rawValue), "status": .text(status.rawValue), "type": .text(type), "text": .text(text),
      "phone_number_id": .text(channelID), "conversation_id": .text(conversationID),
      "customer": [
        "id": .text(customerID), "name": .text(customerName), "phone": .text(customerPhone), "user_id": .text(customerScopedID),
      ],
      "sent_at": .time(sentAt), "created_at": .time(createdAt), "cost": .integer(cost), "reason": .text(reason?.code),
      "detail": .text(reason.flatMap { $0.message.isEmpty ? nil : $0.message }),
      "advice": .text(reason.flatMap { $0.advice.isEmpty ? nil : $0.advice }), "correlation_id": .text(correlationID),
    ]
  }
}
