import Testing

@testable import Sending

struct RecipientTests {
  @Test(arguments: [
    ("15550100177", "15550100177"), ("+15550100177", "15550100177"), ("1", "1"), ("+12345678901234567890", "12345678901234567890"),
  ])
  func `a phone number is kept as its digits`(given: String, kept: String) throws {
    let recipient = try #require(Recipient(phone: given))
    #expect(recipient.phone == kept)
    #expect(recipient.scopedID == nil)
  }

  @Test(arguments: ["", "+", "++1555", "1 555", "1-555", "US.123", "１５５５", "123456789012345678901", "1555\n"])
  func `what is not digits is no phone number`(given: String) throws {
    #expect(Recipient(phone: given) == nil)
    let recipient = try #require(Recipient(phone: given, scopedID: "US.42"))
    #expect(recipient.phone == nil)
    #expect(recipient.scopedID == "US.42")
  }

  @Test func `nobody is no recipient`() {
    #expect(Recipient(phone: nil) == nil)
    #expect(Recipient(phone: nil, scopedID: "") == nil)
  }
}
