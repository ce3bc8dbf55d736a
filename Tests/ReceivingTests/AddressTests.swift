import NIOCore
import Testing

@testable import Receiving

@Suite struct AddressTests {
  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::ffff:192.0.2.1", "192.0.2.1"),
    ("2001:DB8:0:0::1", "2001:db8::1"), ("::1", "::1"), ("::", "::"), ("fe80::1:2", "fe80::1:2"),
  ])
  func `an address is read and written, in one form`(text: String, form: String) throws {
    #expect(try #require(IPAddress(text)).description == form)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", "1.2.3.4:80", "[::1]", "fe80::1%eth0", ":::", "localhost",
    "١.2.3.4",
  ])
  func `what is no address is none`(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(arguments: ["192.0.2.1", "2001:db8::17"]) func `a socket's address is the one that its text says`(text: String) throws {
    #expect(IPAddress(try SocketAddress(ipAddress: text, port: 443)) == IPAddress(text))
    #expect(IPAddress(try SocketAddress(unixDomainSocketPath: "/tmp/x")) == nil)
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1", "::ffff:192.0.2.1", true), ("2001:db8::1", "2001:db8::ffff:2", true),
    ("2001:db8::1", "2001:db8:0:1::1", false),
  ])
  func `an IPv6 network of 64 bits is one household`(one: String, other: String, isSame: Bool) throws {
    let (one, other) = (try #require(IPAddress(one)), try #require(IPAddress(other)))
    #expect((one.household == other.household) == isSame)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.1.2.3/8", "10.9.9.9", true),
    ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.0", false), ("0.0.0.0/0", "203.0.113.9", true),
    ("0.0.0.0/0", "2001:db8::1", false), ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("::/0", "2001:db8::1", true),
    ("192.0.2.0/31", "192.0.2.1", true), ("192.0.2.0/31", "192.0.2.2", false), ("::ffff:10.0.0.0/8", "10.1.1.1", true),
    ("192.0.2.1/32", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.0", false), ("2001:db8::1/128", "2001:db8::1", true),
  ])
  func `a network holds what begins like it`(network: String, address: String, holds: Bool) throws {
    #expect(try #require(Network(network)).contains(try #require(IPAddress(address))) == holds)
  }

  @Test(arguments: [
    "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "fd00::/129", "10.0.0.0/8/8", "localhost/8", "10.0.0.0/ 8",
  ])
  func `what is no network is none`(text: String) {
    #expect(Network(text) == nil)
  }

  @Test(arguments: [
    // From whom the connection comes, what the header says, who it is.
    ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
    ("127.0.0.1", [], "127.0.0.1"),
    ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ("::1", ["2001:db8::5"], "2001:db8::5"),
    ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
    ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
    ("127.0.0.1", ["6.6.6.6, 198.51.100.1,10.0.0.9"], "198.51.100.1"),
    ("127.0.0.1", ["10.0.0.8, 10.0.0.9"], "10.0.0.8"),
    ("127.0.0.1", ["6.6.6.6, unknown, 10.0.0.9"], "10.0.0.9"),
    ("127.0.0.1", [""], "127.0.0.1"),
    ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
    ("127.0.0.1", ["[2001:db8::5]:4711"], "2001:db8::5"),
    ("127.0.0.1", ["\t198.51.100.1 "], "198.51.100.1"),
  ])
  func `the last address that is no proxy's has sent it`(remote: String, values: [String], sender: String) throws {
    let proxies = Proxies(Proxies.loopback + [try #require(Network("10.0.0.0/8"))])
    #expect(proxies.sender(of: try #require(IPAddress(remote)), forwarded: values) == IPAddress(sender))
  }
}
