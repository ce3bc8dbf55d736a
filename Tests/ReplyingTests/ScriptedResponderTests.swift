import Foundation
import Testing

@testable import Replying

@Suite struct `A script` {
  @Test(arguments: [
    ("hello", "Hello there", true), ("hello", "HELLO!", true), ("hello", "othello", false), ("hello", "hellos", false),
    ("olá", "ola", true),
    ("ola", "Olá, tudo bem?", true), ("ação", "ACAO", true), ("\"e\\u0301t\\u00e9\"", "ÉTÉ", true), ("hi|hello", "well hello", true),
    ("hi | hello", "hi", true),
    ("good morning", "Good  morning, all", true), ("good morning", "good, morning", true), ("good morning", "morning good", false),
    ("[hi, hello]", "hello", true), ("order*", "Ordering?", true), ("order*", "reorder", false), ("my order*", "where are my orders", true),
    ("don't", "I don’t know", true), ("yes", "yes", true), ("no", "No.", true), ("24", "open 24/7", true), ("👍", "ok 👍🏽!", true),
    ("👍", "👎", false),
    ("你好", "早上你好吗", true), ("你好", "你们好", false), ("привет", "Привет!", true), ("ｈｅｌｌｏ", "hello", true), ("x", "", false),
  ])
  func `finds whole words, whatever their case and accents`(when: String, text: String, matches: Bool) throws {
    #expect(try reply("- {when: \(when), reply: found}", to: .asking(text)) == (matches ? "found" : "none"))
  }

  @Test(arguments: [
    (#"'/order (\d+)/'"#, "My ORDER 17, please", "[17]"), (#"'/order (\d+)/'"#, "my order", "none"), (#"'/^(a)?b$/'"#, "b", "[]"),
    (#"'/(.*)/'"#, "", "[]"),
    (#"['/x(y)/', '/z(w)/']"#, "zw", "[w]"), (#"'/(olá|oi)/'"#, "OLÁ", "[OLÁ]"), (#"'/(👋+)/'"#, "a👋👋b", "[👋👋]"),
    (#"'/(\p{L}+)$/'"#, "bom dia", "[dia]"),
  ])
  func `finds what stands between slashes as a regular expression`(when: String, text: String, expected: String) throws {
    #expect(try reply(#"- {when: \#(when), reply: "[{1}]"}"#, to: .asking(text)) == expected)
  }

  @Test(arguments: [
    ("type: image", "image", true), ("type: image", "text", false), ("type: [image, video]", "video", true),
    ("type: image, when: x", "image", false),
    ("type: text, when: y", "text", true), ("when: '/.*/'", "image", true),
  ])
  func `looks at the type of a message`(conditions: String, type: String, matches: Bool) throws {
    #expect(
      try reply("- {\(conditions), reply: found}", to: .asking(type == "text" ? "y" : "", type: type)) == (matches ? "found" : "none")
    )
  }

  @Test(
    arguments: [
      ("{name}, {text}, {channel}, {time}", "Ana", "Ana, olá, Loja, 15:13"), ("Hello, {name}!", nil, "Hello!"),
      ("Hello {name}!", nil, "Hello!"),
      ("Hello {name|friend}!", nil, "Hello friend!"), ("Hello {name|friend}!", "Rui", "Hello Rui!"), ("{name} hi", nil, "hi"),
      ("{{name}} {{{name}}}", "Rui", "{name} {Rui}"),
      ("a } b", nil, "a } b"), ("Hello { name }", "Rui", "Hello Rui"), ("Hi {name}", "{text}", "Hi {text}"),
      ("{name}", "  ", "none at all"), ("{name|a|b}", nil, "a|b"),
    ] as [(String, String?, String)]
  )
  func `fills in its variables`(template: String, name: String?, expected: String) throws {
    let script = try Script(yaml: "timezone: Europe/Lisbon\ndefault: '\(template)'")
    let inquiry = Inquiry.asking("olá", name: name)
    if expected == "none at all" {
      #expect(throws: ReplyError.scriptSilent(line: 2)) { try ScriptedResponder(script: script).reply(to: inquiry) }
    } else {
      #expect(try ScriptedResponder(script: script).reply(to: inquiry) == expected)
    }
  }

  @Test func `takes its replies in turn`() throws {
    let rule = "- {when: hi, reply: [one, two, three]}"
    let replies = try (0..<7).map { try reply(rule, to: .asking("hi", earlier: $0)) }
    #expect(replies == ["one", "two", "three", "one", "two", "three", "one"])
    #expect(try reply(rule, to: .asking("hi", earlier: 1)) == "two")
  }

  @Test func `answers all messages of a turn by its first rule that matches one`() throws {
    let rules = "- {when: price, reply: 'P {text}'}\n- {when: hello, reply: H}"
    let inquiry = Inquiry(texts: ["hello", "", "price?"], types: ["text", "image", "text"], now: .now)
    #expect(try reply(rules, to: inquiry) == "P hello\nprice?")
    #expect(try reply("- {when: hello price, reply: no}", to: inquiry) == "none")
    #expect(try reply("- {type: image, reply: I}", to: inquiry) == "I")
  }

  @Test func `gives up on a pattern that finds no end`() throws {
    let rule = #"- {when: '/(a+)+$|(x+x+)+y/', reply: found}"#
    #expect(throws: ReplyError.patternTooSlow(line: 2)) { try reply(rule, to: .asking(String(repeating: "a", count: 60) + "!")) }
    #expect(try reply(rule, to: .asking(String(repeating: "b", count: 900) + "aaa")) == "found")
    #expect(try reply("- {when: '/z.*q/', reply: found}", to: .asking(String(repeating: "z", count: 1_000_000))) == "none")
  }

  @Test(arguments: [
    ("Olá!", "Hello, Ana! How can I help?"), ("Bom dia", "Hello, Ana! How can I help?"),
    ("are you OPEN now?", "We are open from Monday to Friday, 9:00 to 18:00. It is 14:13 now."),
    ("where is my order #1234", "Thank you! I am looking for order 1234."), ("thanks", "You are welcome, Ana!"),
    ("42", "Thank you for your message: “42”. Somebody will answer you soon."),
  ])
  func `to begin with is there, and answers`(text: String, expected: String) throws {
    let script = try Script(yaml: Script.starter)
    #expect(script.warnings.isEmpty)
    #expect(try ScriptedResponder(script: script).reply(to: .asking(text)) == expected)
  }
}
