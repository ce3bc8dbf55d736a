import Testing

@testable import Transferring

@Suite struct DoorwayTests {
  @Test func `a hundred go in at once and the next when one has left`() {
    var doorway = Doorway()
    for number in 1...102 { doorway.arrive(UInt64(number), at: "a") }
    var inside: [UInt64] = []
    while let (number, _) = doorway.next() { inside.append(number) }
    #expect(inside == (1...100).map { UInt64($0) })
    doorway.leave("a")
    #expect(doorway.next()?.number == 101)
    #expect(doorway.next() == nil)
    for _ in 1...100 { doorway.leave("a") }
    #expect(doorway.next()?.number == 102)
    doorway.leave("a")
    #expect(!doorway.mayOpen)
  }

  @Test func `a full host holds up no other`() {
    var doorway = Doorway()
    for number in 1...500 { doorway.arrive(UInt64(number), at: "a") }
    while doorway.next() != nil {}
    doorway.arrive(501, at: "b")
    #expect(doorway.next()?.number == 501)
    #expect(doorway.next() == nil)
  }

  @Test(arguments: [
    ("https://graph.facebook.com/v25.0/1/messages", "https://graph.facebook.com"), ("http://127.0.0.1:80?x=/", "http://127.0.0.1:80"),
    ("http://h#/", "http://h"), ("h/x", "h/x"), ("", ""),
  ])
  func `a host is what stands before the path`(url: String, host: String) {
    #expect(TransferRequest(method: .get, url: url).host == host)
  }
}
