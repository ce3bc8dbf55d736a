import Testing

@testable import Parsing

@Suite struct `A made id` {
  private func id(_ element: String, behind others: [String] = []) throws -> Message {
    try #require(parse(payload(messages: (others + [element]).joined(separator: ","))).events.last?.message)
  }

  @Test func `is the same for the same message in the same place`() throws {
    let message = try id(#"{"from":"1","text":{"body":"Bom dia"}}"#)
    #expect(message.isIDMade)
    #expect(message.providerID == nil)
    #expect(message.id == "made:cf1acea65a8aad99c8c290d758beddc9:entry[0].changes[0].value.messages[0]")
    #expect(try id(#" { "from" : "1" , "text":{"body":"Bom\u0020dia"} } "#).id == message.id)
  }

  @Test(arguments: [
    #"{"from":"2","text":{"body":"Bom dia"}}"#, #"{"from":"1","text":{"body":"Bom dia!"}}"#,
    #"{"from":"1","timestamp":"1790000001","text":{"body":"Bom dia"}}"#,
  ])
  func `is another for another message`(other: String) throws {
    #expect(try id(other).id != id(#"{"from":"1","text":{"body":"Bom dia"}}"#).id)
  }

  @Test func `is another in another place`() throws {
    let element = #"{"from":"1","text":{"body":"Bom dia"}}"#
    #expect(try id(element).id != id(element, behind: [element]).id)
  }

  @Test(arguments: ["null", #""""#, "[]", "{}", "true"])
  func `stands for one that is none`(id: String) throws {
    let message = try self.id(#"{"from":"1","id":\#(id),"timestamp":"1","type":"text","text":{"body":"x"}}"#)
    #expect(message.isIDMade && message.id.hasPrefix("made:") && message.wantsAnswer)
  }

  /// Source: the FNV hash's published test vectors.
  @Test(arguments: [("", "6c62272e07bb014262b821756295c58d"), ("a", "d228cb696f1a8caf78912b704e4a8964")])
  func `is FNV-1a with 128 bits`(text: String, digits: String) {
    #expect(String(fnv1a(text.utf8), radix: 16) == digits)
  }
}
