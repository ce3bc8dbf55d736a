import Testing

@testable import Replying

@Suite struct `A script with a mistake` {
  @Test(arguments: [
    ("", "Line 1: there is no `default:`"), ("# only a comment", "Line 1: there is no `default:`"),
    ("rules: []", "Line 1: there is no `default:`"),
    ("- a", "Line 1: the script should be keys with values."), ("default: x\nrules: {a: b}", "Line 2: `rules` should be a list"),
    ("default:\nrules: []", "`default` should be a text or a list of texts, and not empty."),
    ("default: []", "Line 1: `default` should be"),
    ("default: [a, '']", "Line 1: `default` should be"),
    ("default: {name}", "Line 1: `default` should be a text or a list of texts, and not empty (one that begins with `{` needs quotes)."),
    ("default: x\nruls: []", "Line 2: `ruls` is not known here. Did you mean `rules`?"),
    ("default: x\ncolour: red", "Line 2: `colour` is not known here."),
    ("default: x\nrules:\n  - when: a\n    rely: b", "Line 4: `rely` is not known here. Did you mean `reply`?"),
    ("default: x\nrules:\n  - wehn: a\n    reply: b", "Line 3: `wehn` is not known here. Did you mean `when`?"),
    ("default: x\nrules:\n  - when: a", "Line 3: there is no `reply:` in this rule."),
    ("default: x\nrules:\n  - reply: a", "Line 3: there is no `when:` and no `type:` in this rule."),
    ("default: x\nrules:\n  - hello", "Line 3: a rule should be keys with values."),
    ("default: x\nrules:\n  - {when: '?', reply: a}", "Line 3: `?` has no word to look for."),
    ("default: x\nrules:\n  - {when: 'a||b', reply: a}", "Line 3: `` has no word"),
    ("default: x\nrules:\n  - {when: '/(a/', reply: a}", "Line 3: `/(a/` is not a regular expression."),
    ("default: x\nrules:\n  - {type: imgae, reply: a}", "Line 3: `imgae` is not a type of message. Did you mean `image`?"),
    ("default: x\nrules:\n  - {type: reaction, reply: a}", "Line 3: `reaction` is not a type of message."),
    ("default: 'Hi {nmae}'", "Line 1: `{nmae}` is not a variable. Did you mean `name`?"),
    ("default: 'Hi {}'", "Line 1: `{}` is not a variable."),
    ("default: 'Hi {0}'", "Line 1: `{0}` is not a variable."), ("default: 'Hi {name'", "Line 1: a `{` is never closed."),
    ("default: 'Hi {1}'", "Line 1: `{1}` stands for a group"),
    ("default: x\nrules:\n- when: a\n  reply:\n  - ok\n  - '{1}'", "Line 6: `{1}` stands for a group"),
    ("default: x\nrules:\n- {when: ['/(a)/', '/b/'], reply: '{1}'}", "Line 3: `{1}` stands for a group"),
    ("default: x\nrules:\n- {when: '/(a)/', reply: '{2}'}", "Line 3: `{2}` stands for a group"),
    ("default: x\ntimezone: Mars/Olympus", "Line 2: `Mars/Olympus` is not a time zone."),
    ("default: x\ndefault: y", "Line 1: `default` is there twice."),
    ("default: x\nrules:\n  - when: [a\n    reply: b", "Line 4: this is not YAML"),
    ("default: a\n\tb: c", "this is not YAML"), ("default: {name}, hello", "Line 1: this is not YAML"),
    ("default: \u{7}", "The script: this is not YAML"),
  ])
  func `is refused with its line, what is wrong, and what is allowed`(yaml: String, message: String) {
    let error = #expect(throws: ScriptError.self) { try Script(yaml: yaml) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.advice.isEmpty == false)
    #expect(error?.reason.hasPrefix("script.") == true)
    #expect(error?.isTemporary == false)
  }

  @Test(arguments: [
    ("- {when: a, reply: r}\n- {when: b, reply: r}", 0), ("- {when: a, reply: r}\n- {when: A, reply: r}", 1),
    ("- {when: a|b, reply: r}\n- {when: b, reply: r}", 1),
    ("- {when: a, reply: r}\n- {when: a|b, reply: r}", 0), ("- {when: morning, reply: r}\n- {when: good morning, reply: r}", 1),
    ("- {when: good morning, reply: r}\n- {when: morning, reply: r}", 0), ("- {when: order*, reply: r}\n- {when: my orders, reply: r}", 1),
    ("- {when: orders, reply: r}\n- {when: order*, reply: r}", 0), ("- {when: '/.*/', reply: r}\n- {type: image, reply: r}", 1),
    ("- {when: '/a.*/', reply: r}\n- {when: '/a.*/', reply: r}", 1), ("- {when: '/a.*/', reply: r}\n- {when: a, reply: r}", 0),
    ("- {type: image, reply: r}\n- {type: [image, video], reply: r}", 0),
    ("- {type: [image, video], reply: r}\n- {type: image, when: a, reply: r}", 1),
    ("- {type: image, when: a, reply: r}\n- {type: image, reply: r}", 0), ("- {when: a, reply: r}\n- {type: text, when: a, reply: r}", 1),
    ("- {type: text, when: a, reply: r}\n- {when: a, reply: r}", 0),
  ])
  func `is warned of when a rule never gets its turn`(rules: String, count: Int) throws {
    let warnings = try Script(yaml: "rules:\n\(rules)\ndefault: none").warnings
    #expect(warnings.count == count, "\(warnings)")
    if count == 1 { #expect(warnings == ["Line 3: this rule never gets its turn, for the one in line 2 matches all that it would."]) }
  }

  @Test(arguments: [ReplyError.scriptSilent(line: 3), .patternTooSlow(line: 4)])
  func `tells an operator at answering, too`(error: ReplyError) {
    #expect(error.reason.hasPrefix("reply."))
    #expect(error.message.contains("line"))
    #expect(!error.advice.isEmpty)
    #expect(!error.isTemporary)
  }
}
