import Basics
import Diagnostics

/// A step as it was read, before wiring.
struct ParsedStep {
  var spec: StepSpec
  /// Nil where the kind is missing or unknown.
  var kind: KindGrammar?
  var mentions: [ShapeReader.Mention]

  /// The names of its outputs where its kind names them; nil otherwise.
  var outputNames: [String]? {
    kind?.outputs == nil ? spec.settings["outputs"]?.objectValue?.keys.sorted() ?? [] : nil
  }
}

extension DocumentBuilder {
  static let stepOptions = [
    SettingGrammar("retry", "how often a failed step is tried again", .integer(0...100), fallback: 0),
    SettingGrammar("timeout", "after how long a step is stopped", .duration),
  ]

  mutating func readSteps(_ member: YAMLMember) -> [ParsedStep] {
    guard let members = member.value.members, !members.isEmpty else {
      let found = member.value.members == nil ? member.value.words : "empty"
      problems.append(
        .error(
          "wrong-type", "'steps' is \(found), expected a map of steps", at: member.value.span.place,
          help: ["write a step's name, below it its kind, below that its settings"]))
      return []
    }
    if members.count > Limits.steps {
      problems.append(
        .error(
          "too-many-steps", "a workflow may have at most \(Limits.steps) steps, this one has \(members.count)",
          at: member.keySpan.place))
      return []
    }
    let names = artifactNames(members)
    return members.map { readStep($0, names) }
  }

  private mutating func readStep(_ member: YAMLMember, _ artifactNames: Set<String>) -> ParsedStep {
    let name = member.key
    var reader = ShapeReader(environment: parser.environment, artifactNames: artifactNames)
    if !isName(name, others: "_-") {
      reader.complain(
        "bad-name", "\(quoted(name)) is no name for a step", at: member.keySpan,
        help: ["use at most 100 letters, digits, '_' and '-', beginning with a letter or a digit"])
    }
    var step = ParsedStep(
      spec: StepSpec(name: name, kind: "", settings: [:], place: member.keySpan.place), kind: nil, mentions: [])
    if let problem = member.value.problem {
      reader.add([problem])
    } else if let parts = member.value.members {
      if let (kind, part) = kind(of: name, parts, at: member.keySpan, &reader) {
        step.kind = kind
        step.spec.kind = kind.name
        step.spec.settings = readSettings(part, kind, besides: parts.map(\.key).filter { $0 != kind.name }, &reader)
        step.mentions = reader.mentions
        step.spec.places = reader.places
      }
      readOptions(parts, into: &step.spec, &reader)
    } else {
      reader.complain(
        "wrong-type", "step \(quoted(name)) is \(member.value.words), expected a map with its kind",
        at: member.value.span,
        help: ["write the kind with ':' behind it and its settings below; \(kindsHelp)"])
    }
    problems += reader.problems
    step.spec.isSound = reader.problems.isEmpty
    return step
  }

  private var kindsHelp: String { "the kinds are \(listing(parser.kinds.map(\.name)))" }

  /// The one key of a step that is a kind. Complains of none, of two, and of keys that are neither kind nor option.
  private func kind(
    of name: String, _ parts: [YAMLMember], at span: Span, _ reader: inout ShapeReader
  ) -> (KindGrammar, YAMLMember)? {
    var found: (kind: KindGrammar, part: YAMLMember)?
    var unknown: [YAMLMember] = []
    for part in parts where !DocumentBuilder.stepOptions.contains(where: { $0.name == part.key }) {
      guard let kind = parser.kinds.first(where: { $0.name == part.key }) else {
        unknown.append(part)
        continue
      }
      if let found {
        reader.complain(
          "two-kinds", "step \(quoted(name)) has two kinds, '\(found.kind.name)' and '\(kind.name)'", at: part.keySpan,
          help: ["give each a step of its own"])
      } else {
        found = (kind, part)
      }
    }
    for part in unknown { complain(ofUnknown: part, in: name, found?.kind, &reader) }
    if found == nil, unknown.isEmpty {
      reader.complain("no-kind", "step \(quoted(name)) has no kind", at: span, help: [kindsHelp])
    }
    return found
  }

  private func complain(
    ofUnknown part: YAMLMember, in name: String, _ kind: KindGrammar?, _ reader: inout ShapeReader
  ) {
    let options = DocumentBuilder.stepOptions.map(\.name)
    guard let kind else {
      reader.complain(
        "unknown-kind", "step \(quoted(name)) has the unknown kind \(quoted(part.key))", at: part.keySpan,
        help: suggestions(part.key, among: parser.kinds.map(\.name) + options, otherwise: "the kinds and options are"))
      return
    }
    let help =
      kind.settings.contains { $0.name == part.key }
      ? ["'\(part.key)' is a setting of \(kind.name): indent it below '\(kind.name):'"]
      : suggestions(part.key, among: options, otherwise: "beside the kind may stand")
    reader.complain(
      "unknown-option", "step \(quoted(name)) has no option \(quoted(part.key))", at: part.keySpan, help: help)
  }

  /// `besides` are the keys that stand beside the kind, some of them perhaps by wrong indentation.
  private func readSettings(
    _ part: YAMLMember, _ kind: KindGrammar, besides: [String], _ reader: inout ShapeReader
  ) -> JSON {
    reader.note([], key: part.keySpan, value: part.keySpan)
    if let problem = part.value.problem {
      reader.add([problem])
      return [:]
    }
    var members: [YAMLMember] = []
    if let written = part.value.members {
      members = written
    } else if let bare = kind.bareSetting, !part.value.isNothing {
      members = [YAMLMember(key: bare, keySpan: part.keySpan, value: part.value)]
    } else if !part.value.isNothing {
      reader.complain(
        "wrong-type", "'\(kind.name)' is \(part.value.words), expected a map of its settings", at: part.value.span,
        help: ["its settings are \(listing(kind.settings.map(\.name)))"])
      return [:]
    }
    return reader.readRecord(
      members, kind.settings, path: [], owner: "'\(kind.name)'", at: part.keySpan, misplaced: besides)
  }

  private func readOptions(_ parts: [YAMLMember], into spec: inout StepSpec, _ reader: inout ShapeReader) {
    for part in parts {
      guard let option = DocumentBuilder.stepOptions.first(where: { $0.name == part.key }) else { continue }
      // Options are no settings: their places and problems are read apart.
      var own = ShapeReader(environment: parser.environment)
      let value = own.read(part.value, as: option.shape, path: [part.key], key: part.keySpan)
      reader.add(own.problems)
      if option.name == "retry" { spec.retry = value?.intValue ?? 0 }
      if option.name == "timeout" { spec.timeout = (value?.doubleValue).map { .milliseconds(Int64($0 * 1000)) } }
    }
  }

  private func artifactNames(_ members: [YAMLMember]) -> Set<String> {
    let named = members.filter { member in
      member.value.members?.contains { part in parser.kinds.contains { $0.name == part.key && $0.outputs == nil } }
        ?? false
    }
    return Set(members.map(\.key)).union(named.map { $0.key + "." })
  }
}
