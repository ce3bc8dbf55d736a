import Testing

@testable import Receiving

@Suite struct SignatureTests {
  /// Bodies signed with `test_app_secret` by another program.
  static let vectors = [
    (
      #"{"object":"whatsapp_business_account","entry":[]}"#,
      "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"
    ),
    (
      #"{"t":"\u00e9 ol\u00e9 \/ x"}"#,
      "sha256=0256f7850864f3746d45d5544cc429744f51d15bcf5620aa153bea4036d98be6"
    ),
    (
      #"{"t":"é olé / x"}"#,
      "sha256=cf4cfad05830e2e4b744771efc6bd46c6e92111c404f0069e861e4a74229e717"
    ),
  ]

  @Test(arguments: vectors) func `known bodies have their known signatures`(body: String, header: String) {
    let signature = WebhookSignature(secret: "test_app_secret")
    #expect(signature.header(for: Array(body.utf8)) == header)
    #expect(signature.isRight(header, for: Array(body.utf8)))
    #expect(!signature.isRight(header, for: Array((body + " ").utf8)))
  }

  @Test func `the escaped and the raw form of one text have signatures of their own`() {
    let signature = WebhookSignature(secret: "test_app_secret")
    #expect(!signature.isRight(Self.vectors[1].1, for: Array(Self.vectors[2].0.utf8)))
  }

  @Test func `a body of which any one byte was changed has another signature`() {
    let signature = WebhookSignature(secret: "test_app_secret")
    let body = Array(Self.vectors[0].0.utf8)
    for index in body.indices {
      var changed = body
      changed[index] ^= 1
      #expect(!signature.isRight(Self.vectors[0].1, for: changed))
    }
  }

  @Test func `a signature of which any one digit was changed is wrong`() {
    let signature = WebhookSignature(secret: "test_app_secret")
    let (text, header) = Self.vectors[0]
    for index in 7..<71 {
      var changed = Array(header.utf8)
      changed[index] = changed[index] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
      #expect(!signature.isRight(String(decoding: changed, as: UTF8.self), for: Array(text.utf8)))
    }
  }

  @Test func `upper-case digits are as good`() throws {
    let (body, header) = Self.vectors[0]
    let upper = "sha256=" + header.dropFirst(7).uppercased()
    #expect(upper != header)
    #expect(WebhookSignature(secret: "test_app_secret").isRight(upper, for: Array(body.utf8)))
  }

  @Test(arguments: [
    "", "sha256=", "dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
    "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c63375",
    "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c6337567",
    "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
    "sha256=gec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
    "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c63375é",
    "SHA256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
    "sha1=0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33",
    "sha1=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
    " sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
  ])
  func `a header of another form carries no signature`(header: String) {
    #expect(WebhookSignature.code(in: header) == nil)
    #expect(!WebhookSignature(secret: "test_app_secret").isRight(header, for: Array(Self.vectors[0].0.utf8)))
  }

  @Test func `the secrets are nowhere in what may be printed`() {
    let secrets = WebhookSecrets(verifyToken: "hush-token", appSecrets: ["hush-one", "hush-two"])
    #expect("\(secrets)" == "WebhookSecrets(token: set, app secrets: 2)")
    #expect("\(WebhookSecrets(verifyToken: "", appSecrets: [""]))" == "WebhookSecrets(token: none, app secrets: 0)")
    var dumped = ""
    dump([secrets], to: &dumped)
    for text in [dumped, String(reflecting: secrets), "\(WebhookSignature(secret: "hush-one"))"] { #expect(!text.contains("hush")) }
  }
}
