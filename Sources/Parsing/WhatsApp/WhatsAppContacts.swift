/// The `contacts` of a change, to be matched with its messages.
struct WhatsAppContacts {
  private let list: [JSON]
  private let byPhone: [String: Int]
  private let byScopedID: [String: Int]
  /// Contacts that some message names by an id: no other message takes them by their position.
  private let claimed: Set<Int>

  init(_ list: [JSON], for messages: [JSON]) {
    self.list = list
    let phones = list.indices.compactMap { index in list[index].string(forKey: "wa_id").map { ($0, index) } }
    let scopedIDs = list.indices.compactMap { index in list[index].string(forKey: "user_id").map { ($0, index) } }
    let byPhone = Dictionary(phones) { first, _ in first }
    let byScopedID = Dictionary(scopedIDs) { first, _ in first }
    self.byPhone = byPhone
    self.byScopedID = byScopedID
    claimed = Set(
      messages.compactMap { message in
        message.string(forKey: "from_user_id").flatMap { byScopedID[$0] } ?? message.string(forKey: "from").flatMap { byPhone[$0] }
      }
    )
  }

  /// The contact that shares an id with the sender.
  func named(phone: String?, scopedID: String?) -> JSON? {
    (scopedID.flatMap { byScopedID[$0] } ?? phone.flatMap { byPhone[$0] }).map { list[$0] }
  }

  /// The contact at the message's own position, when nobody else can claim it.
  func beside(_ index: Int) -> JSON? {
    list.indices.contains(index) && !claimed.contains(index) ? list[index] : nil
  }
}
