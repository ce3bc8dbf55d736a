/// Where a customer writes.
package enum Platform: String, Sendable, Codable, CaseIterable {
  case whatsapp
  case instagram
  case messenger
  case webchat
}
