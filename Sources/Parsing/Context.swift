/// What a message answers or hands on.
package struct Context: Record {
  /// Who wrote the message that is quoted; ours is our number.
  package internal(set) var from: String?
  /// The message that is quoted; nil when it was forwarded.
  package internal(set) var messageID: String?
  package internal(set) var isForwarded: Bool?
  /// More than five times over.
  package internal(set) var isFrequentlyForwarded: Bool?
  /// The product whose page it was sent from.
  package internal(set) var product: ReferredProduct?
  /// The story it answers.
  package internal(set) var story: ReferredStory?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Context>] = [
    .text("from", at: \.from),
    .text("id", "mid", at: \.messageID),
    .flag("forwarded", at: \.isForwarded),
    .flag("frequently_forwarded", at: \.isFrequentlyForwarded),
    .record("referred_product", at: \.product),
    .record("story", at: \.story),
  ]
}

/// A product of the catalogue.
package struct ReferredProduct: Record {
  package internal(set) var catalogueID: String?
  package internal(set) var productID: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<ReferredProduct>] = [
    .text("catalog_id", at: \.catalogueID),
    .text("product_retailer_id", at: \.productID),
  ]
}

/// A story of the business.
package struct ReferredStory: Record {
  package internal(set) var id: String?
  /// Lives as long as the story.
  package internal(set) var url: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<ReferredStory>] = [
    .text("id", at: \.id),
    .text("url", at: \.url),
  ]
}
