/// What somebody wants to buy from the catalogue.
package struct Order: Record {
  package internal(set) var catalogueID: String?
  /// The words beside it.
  package internal(set) var text: String?
  package internal(set) var items: [OrderItem] = []
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<Order>] = [
    .text("catalog_id", at: \.catalogueID),
    .text("text", at: \.text),
    .records("product_items", at: \.items),
  ]
}

/// One line of an order.
package struct OrderItem: Record {
  /// The business's own id of it.
  package internal(set) var productID: String?
  package internal(set) var quantity: JSON.Number?
  /// Of one, in `currency`.
  package internal(set) var price: JSON.Number?
  /// ISO 4217.
  package internal(set) var currency: String?
  /// Members that are not known, or of a wrong type, as they were.
  package internal(set) var rest: [JSON.Member] = []

  static let fields: [Field<OrderItem>] = [
    .text("product_retailer_id", at: \.productID),
    .number("quantity", at: \.quantity),
    .number("item_price", at: \.price),
    .text("currency", at: \.currency),
  ]
}
