import Foundation
import Testing

@testable import Parsing

@Suite struct `What an operator is shown` {
  @Test func `is one line an event, in words`() throws {
    func sentences(_ name: String) throws -> [String] { try ParsedPayload(bytes: Fixture.named(name).bytes()).events.map(\.sentence) }
    #expect(
      try sentences("text") == [
        "text message wamid.FIXTURE.TEXT.1 from 15550100177 (Ana Prova) at 2026-09-21T14:13:21Z: “olá 👋 abrem hoje?”"
      ]
    )
    #expect(
      try sentences("guide-sample") == [
        "unknown message without an id from 15550100177 without a time: “Bom dia” (no type, so its text is read; no id, so one is made of what it says and where it stands; no timestamp, so the time of its receipt counts; no `phone_number_id`, so it does not say which number it is about)"
      ]
    )
    #expect(
      try sentences("status-failed") == [
        "status failed of wamid.FIXTURE.OUT.2 to 15550100177 at 2026-09-21T14:13:52Z, callback data send_FIXTURE2; error 131047 Re-engagement message: More than 24 hours have passed."
      ]
    )
    #expect(
      try sentences("one-bad-element")[1]
        == "message.unknown, not read: 17, unreadable: it should be an object and is a number"
    )
  }

  @Test(arguments: [
    ("echo", "echo: the business sent text message wamid.FIXTURE.ECHO.1 to 15550100177 at 2026-09-21T14:14:20Z: “Já respondo (humano)”"),
    ("standby", "standby, another agent holds the conversation: text message wamid.FIXTURE.STANDBY.1 from 15550100177 at"),
    ("audio-voice", ": voice note 800101 (audio/ogg; codecs=opus)"),
    ("document", ": document 800103 (application/pdf) named fatura de março.pdf “veja a linha 3”"),
    ("location-chosen-place", ": Loja Invenção, Rua A 1, 38.7071, -9.1355"), ("location-point", ": -0.5, 179.25"),
    ("contacts-card", ": 1 card: Dr. Rui M. Teste Jr. +1 555-010-0188"),
    ("button-of-template", ": “Sim, confirmo” (CONFIRM_42), in answer to wamid.FIXTURE.OUT.7"),
    ("interactive-flow", #": flow {"flow_token":"f1","day":"mon","people":4}"#),
    ("interactive-flow-without-response", ": flow without an answer"),
    ("interactive-call-permission-accepted", ": to be called: accept"),
    ("order", ": 2 products: 2 × sku-9 at 7.5 EUR, 1 × sku-10 at 12 EUR “por favor, embrulhe”"),
    ("reaction-removed-empty", ": a reaction taken away on wamid.FIXTURE.OUT.8"),
    ("system-number-changed", ": user_changed_number, now 15550100199: “A pessoa mudou de número”"),
    ("unsupported-poll", ": not handed on by the platform: poll_creation; error 131051 Message type unknown"),
    ("edit-text", ": wamid.FIXTURE.TEXT.1 becomes text “olá (corrigido)”"), ("revoke", ": wamid.FIXTURE.TEXT.1 is taken back"),
    ("text-from-an-ad", ", brought by ad 120 “Promoção”"), ("text-forwarded-often", ", forwarded many times"),
    ("text-about-a-product", ", about product sku-9"), ("text-in-a-group", " in group grp-1 at "),
    ("status-with-pricing-per-message", ", callback data send_FIXTURE7, free as service"),
    ("status-in-a-group", " to group grp-1, for 15550100177 at "),
    ("preference-stop", "preference: 15550100177 says stop to marketing_messages at 2026-09-21T14:14:10Z: asked to stop"),
    (
      "account-update-restriction",
      "notice: account_update: ACCOUNT_RESTRICTION, RESTRICTED_BIZ_INITIATED_MESSAGING until 2026-09-28T12:53:20Z"
    ),
    ("template-status-paused", "notice: message_template_status_update: PAUSED, lembrete, pt-PT"),
    ("template-quality", "lembrete, pt-PT, GREEN → YELLOW"), ("handover-control-passed", "notice: messaging_handovers: control_passed"),
    ("history-chunk-of-threads", "history: 4 old messages in 2 threads, 85 % handed over"),
    ("history-declined", "; error 2593109 History sharing is turned off: shared no history"),
    ("error-of-the-account", "the platform reports error 130429 Rate limit hit: throughput reached"),
    ("unknown-field", #"unknown.brand_new_field, not read: {"a":[1,{"b":"c"}]"#),
  ])
  func `says what the event is about`(name: String, words: String) throws {
    let sentence = try #require(ParsedPayload(bytes: Fixture.named(name).bytes()).events.first).sentence
    #expect(sentence.contains(words), "\(sentence)")
  }

  @Test(arguments: [
    ("text", "text message m_FIXTURE.fb.1 from psid-9 at 2026-09-21T14:13:20.100Z: “têm em azul? 👋”"),
    ("text-from-a-user-ref", "from nobody at"), ("image-with-text", ": image https://cdn.example/b.jpg “esta caixa”"),
    ("images-several", ": image https://cdn.example/1.jpg, image https://cdn.example/2.jpg, video https://cdn.example/3.mp4"),
    ("location", ": Localização da Ana, 38.7071, -9.1355"), ("quick-reply", ": “Vermelho” (COLOUR_RED)"),
    ("postback", "postback message m_FIXTURE.fb.18 from psid-9 at 2026-09-21T14:13:20.100Z: “Começar” (GET_STARTED)"),
    ("text-quoting", ", in answer to m_FIXTURE.fb.OUT.1"), ("text-from-an-ad", ", brought by ADS 120 “ad-ref”"),
    ("referral", "referral message without an id from psid-9 at 2026-09-21T14:13:20.100Z, brought by SHORTLINK “montra”"),
    ("reaction", ": ❤ on m_FIXTURE.fb.OUT.2"), ("reaction-removed", ": a reaction taken away on m_FIXTURE.fb.OUT.2"),
    ("reaction-only-named", ": other on m_FIXTURE.fb.OUT.2"), ("edit", ": m_FIXTURE.fb.1 becomes text “têm em verde?”"),
    ("deleted", ": m_FIXTURE.fb.1 is taken back"), ("fallback-of-nothing", ": not handed on by the platform: fallback"),
    (
      "echo-of-an-app",
      "echo: the business sent text message m_FIXTURE.fb.OUT.4 to psid-9 at 2026-09-21T14:13:20.100Z: “Temos, sim.”, by app 1517000000000111, marked send_FIXTURE1"
    ),
    ("read", "status read of all up to 2026-09-21T14:13:20Z to psid-9 at 2026-09-21T14:13:20.100Z"),
    ("delivery", "status delivered of m_FIXTURE.fb.OUT.1 to psid-9 at"),
    ("optin-notifications-stopped", "preference: psid-9 says STOP_NOTIFICATIONS to notification_messages at"),
    ("optin", "preference: psid-9 says optin at"),
    ("pass-thread-control", "notice: pass_thread_control about psid-9: app 100200 → 300400"),
    ("pass-thread-control-to-idle", "notice: pass_thread_control about psid-9: app ? → 300400"),
    ("request-thread-control", "notice: request_thread_control about psid-9: to app 100200"),
    ("policy-enforcement", "notice: policy_enforcement: block, because of demasiadas mensagens"),
    ("account-linking", "notice: account_linking about psid-9: status, authorization_code"),
    ("standby", "standby, another agent holds the conversation: text message m_FIXTURE.fb.23 from psid-9 at"),
    ("feed", "unknown.feed, not read: {"),
  ])
  func `says what a Page's event is about`(name: String, words: String) throws {
    let sentence = try #require(ParsedPayload(bytes: Fixture.named(name, of: "messenger").bytes()).events.first).sentence
    #expect(sentence.contains(words), "\(sentence)")
  }

  @Test func `names a story that was answered`() throws {
    let event = try #require(ParsedPayload(bytes: Fixture.named("reply-to-a-story", of: "instagram").bytes()).events.first)
    #expect(event.sentence.hasSuffix(": “que lindo”, in answer to story story-7"))
  }

  @Test func `cannot move a terminal's cursor`() throws {
    let payload = try parse(
      payload(messages: #"{"from":"1","id":"m\n1","timestamp":"1","type":"text","text":{"body":"a\nb\u001b[2J\u202ec\u009b"}}"#))
    let sentence = try #require(payload.events.first).sentence
    #expect(sentence.hasSuffix(#"“a⏎b\u{1B}[2J\u{202E}c\u{9B}”"#))
    #expect(!payload.json.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
  }

  @Test func `is cut when it is long`() throws {
    let body = String(repeating: "é", count: 5000)
    let payload = try parse(payload(messages: #"{"from":"1","id":"m1","timestamp":"1","type":"text","text":{"body":"\#(body)"}}"#))
    #expect(try #require(payload.events.first).sentence.hasSuffix(String(repeating: "é", count: 200) + "…”"))
    #expect(payload.json.contains(body))
  }

  @Test func `is JSON for programs`() throws {
    let text = try ParsedPayload(bytes: Fixture.named("text").bytes()).json
    let value = try JSONReader.read(Array(text.utf8)).value
    #expect(value["events"]?.arrayValue?.first?.string(forKey: "kind") == "message.text")
    #expect(value["events"]?.arrayValue?.first?["message"]?.string(forKey: "timestamp") == "2026-09-21T14:13:21Z")
  }
}
