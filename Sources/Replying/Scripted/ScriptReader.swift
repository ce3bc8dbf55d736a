import Foundation
import Yams

/// Makes a script of YAML, and says exactly what is wrong with it.
struct ScriptReader {
  private(set) var rules: [Rule] = []
  private(set) var fallback: [Template] = []
  private(set) var timeZone = TimeZone.gmt

  /// Source: the platform's reference of message types, those that want an answer.
  static let types = [
    "audio", "button", "contacts", "document", "image", "interactive", "location", "order", "sticker", "text", "video", "voice",
  ]

  mutating func read(_ yaml: String) throws(ScriptError) {
    guard let top = try compose(yaml) else { throw .missing(what: "`default:`: what to say when no rule matches", line: 1) }
    var members = try mapping(top, "the script", keys: ["default", "rules", "timezone"])
    if let node = members.removeValue(forKey: "timezone") {
      let name = try text(node, "`timezone`")
      guard let zone = TimeZone(identifier: name) else { throw .unknownTimeZone(name, line: line(of: node)) }
      timeZone = zone
    }
    if let node = members["rules"], !isEmpty(node) {
      guard case .sequence(let list) = node else {
        throw .wrongShape(what: "`rules`", expected: "a list: each rule begins with `- `", line: line(of: node))
      }
      for node in list { rules.append(try rule(node)) }
    }
    guard let node = members["default"] else {
      throw .missing(what: "`default:`: what to say when no rule matches", line: line(of: top))
    }
    fallback = try templates(node, "`default`", groups: 0)
  }

  private func compose(_ yaml: String) throws(ScriptError) -> Node? {
    do {
      return try Yams.compose(yaml: yaml)
    } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
      throw .repeatedKey(keys.sorted().first ?? "", line: context.mark.line)
    } catch YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _)
    {
      throw .notYAML(problem: problem, line: mark.line)
    } catch YamlError.reader(let problem, _, _, _) {
      throw .notYAML(problem: problem, line: nil)
    } catch {
      throw .notYAML(problem: "\(error)", line: nil)
    }
  }

  private func rule(_ node: Node) throws(ScriptError) -> Rule {
    let line = line(of: node)
    let members = try mapping(node, "a rule", keys: ["reply", "type", "when"])
    let patterns: [Rule.Pattern]? = try members["when"].map { (node) throws(ScriptError) in try self.patterns(node) }
    let types: Set<String>? = try members["type"].map { (node) throws(ScriptError) in try self.types(node) }
    guard patterns != nil || types != nil else { throw .missing(what: "`when:` and no `type:` in this rule", line: line) }
    guard let node = members["reply"] else { throw .missing(what: "`reply:` in this rule", line: line) }
    let groups = (patterns ?? []).map(\.groupCount).min() ?? 0
    return Rule(line: line, patterns: patterns, types: types, replies: try templates(node, "`reply`", groups: groups))
  }

  /// Words separated by `|`, or one expression between slashes; or a list of such.
  private func patterns(_ node: Node) throws(ScriptError) -> [Rule.Pattern] {
    var patterns: [Rule.Pattern] = []
    for node in try list(node, "`when`") {
      let text = try text(node, "`when`").trimmed
      if text.count > 2, text.hasPrefix("/"), text.hasSuffix("/") {
        let pattern = String(text.dropFirst().dropLast())
        do {
          patterns.append(.expression(try Expression(pattern)))
        } catch {
          throw .badPattern(pattern, line: line(of: node))
        }
      } else {
        for part in text.split(separator: "|", omittingEmptySubsequences: false) {
          guard let phrase = Phrase(String(part)) else { throw .nothingToMatch(part.trimmed, line: line(of: node)) }
          patterns.append(.phrase(phrase))
        }
      }
    }
    return patterns
  }

  private func types(_ node: Node) throws(ScriptError) -> Set<String> {
    var types: Set<String> = []
    for node in try list(node, "`type`") {
      let type = try text(node, "`type`")
      guard Self.types.contains(type) else { throw .unknownType(type, allowed: Self.types, line: line(of: node)) }
      types.insert(type)
    }
    return types
  }

  private func templates(_ node: Node, _ what: String, groups: Int) throws(ScriptError) -> [Template] {
    var templates: [Template] = []
    for node in try list(node, what) {
      let template = try Template(text(node, what), line: line(of: node))
      guard template.highestGroup <= groups else { throw .noGroup(template.highestGroup, line: line(of: node)) }
      templates.append(template)
    }
    return templates
  }
}

// MARK: - YAML's shapes

extension ScriptReader {
  private func line(of node: Node) -> Int { node.mark?.line ?? 1 }

  /// Whether nothing stands after the key.
  private func isEmpty(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node else { return false }
    return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
  }

  private func mapping(_ node: Node, _ what: String, keys: [String]) throws(ScriptError) -> [String: Node] {
    guard case .mapping(let mapping) = node else { throw .wrongShape(what: what, expected: "keys with values", line: line(of: node)) }
    var members: [String: Node] = [:]
    for (key, value) in mapping {
      guard case .scalar(let name) = key, keys.contains(name.string) else {
        throw .unknownKey(key.scalar?.string ?? "…", allowed: keys, line: line(of: key))
      }
      members[name.string] = value
    }
    return members
  }

  /// One or several: a single value is a list of one.
  private func list(_ node: Node, _ what: String) throws(ScriptError) -> [Node] {
    guard case .sequence(let sequence) = node else { return [node] }
    guard !sequence.isEmpty else {
      throw .wrongShape(what: what, expected: "a text or a list of texts, and not empty", line: line(of: node))
    }
    return Array(sequence)
  }

  /// A text as it stands there: `no`, `12` and the like are words too.
  private func text(_ node: Node, _ what: String) throws(ScriptError) -> String {
    guard case .scalar(let scalar) = node, !isEmpty(node), !scalar.string.trimmed.isEmpty else {
      let braces = node.mapping == nil ? "" : " (one that begins with `{` needs quotes)"
      throw .wrongShape(what: what, expected: "a text or a list of texts, and not empty\(braces)", line: line(of: node))
    }
    return scalar.string
  }
}
