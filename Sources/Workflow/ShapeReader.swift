import Basics
import Diagnostics

/// Reads the settings of one step (or the top of the file) from its nodes, by their shapes.
///
/// It collects problems, the place of everything it read, and the names of artifacts for the wiring.
struct ShapeReader {
  /// An artifact setting as it is written.
  struct Mention {
    /// `setting`, or `setting.key` inside a map.
    var key: String
    var text: String
    var span: Span
    var accepted: [ArtifactType]
  }

  let environment: @Sendable (String) -> String?
  /// The names of all steps; for those that name their outputs the name with a `.` behind it too. They decide between an
  /// artifact and a path where both may stand.
  var artifactNames: Set<String> = []
  private(set) var problems: [Diagnostic] = []
  private(set) var places: [[String]: SettingPlace] = [:]
  private(set) var mentions: [Mention] = []
  /// Of the setting that is read at the moment; see `SettingGrammar.refusals`.
  private var refusals: [String: String] = [:]

  init(environment: @escaping @Sendable (String) -> String?, artifactNames: Set<String> = []) {
    self.environment = environment
    self.artifactNames = artifactNames
  }

  /// Notes where something is written, for what is not read by a shape.
  mutating func note(_ path: [String], key: Span, value: Span) {
    places[path] = SettingPlace(key: key, value: value, text: nil)
  }

  mutating func complain(
    _ code: String, _ message: String, at span: Span, help: [String] = [], notes: [Diagnostic.Note] = []
  ) {
    problems.append(.error(code, message, at: span.place, help: help, notes: notes))
  }

  mutating func add(_ others: [Diagnostic]) { problems += others }

  /// The value of `node` as JSON; nil where it is wrong, or an artifact.
  mutating func read(_ node: YAMLNode, as shape: Shape, path: [String], key: Span? = nil) -> JSON? {
    places[path] = SettingPlace(key: key ?? node.span, value: node.span, text: nil)
    if let problem = node.problem {
      problems.append(problem)
      return nil
    }
    if case .anyOf(let shapes) = shape { return readAny(node, of: shapes, shape, path: path, key: key) }
    guard shape.admits(node) else {
      complainOfType(node, shape, path)
      return nil
    }
    switch node.content {
    case .scalar(let scalar): return readScalar(scalar, node.span, shape, path)
    case .list(let items):
      guard case .list(let itemShape) = shape else { return nil }
      return .array(
        items.enumerated().compactMap { index, item in read(item, as: itemShape, path: path + ["[\(index)]"]) })
    case .map(let members):
      if case .record(let settings) = shape {
        return readRecord(members, settings, path: path, owner: label(path), at: key ?? node.span)
      }
      guard case .map(let valueShape) = shape else { return nil }
      var object: [String: JSON] = [:]
      for member in members {
        object[member.key] = read(member.value, as: valueShape, path: path + [member.key], key: member.keySpan)
      }
      return .object(object)
    }
  }

  /// The members of a map with known keys, with fallbacks filled in. `owner` is what the message calls the map, `span` the
  /// place for what is missing. Nothing is said of missing settings in `misplaced`, nor of one that an unknown key is a slip
  /// of the pen for.
  mutating func readRecord(
    _ members: [YAMLMember], _ settings: [SettingGrammar], path: [String], owner: String, at span: Span,
    misplaced: [String] = []
  ) -> JSON {
    var object: [String: JSON] = [:]
    var forgiven = Set(misplaced)
    let refusals = refusals
    defer { self.refusals = [:] }
    for member in members {
      guard let setting = settings.first(where: { $0.name == member.key }) else {
        suggestion(member.key, among: settings.map(\.name)).map { _ = forgiven.insert($0) }
        complain(
          "unknown-setting", "\(owner) has no setting \(quoted(member.key))", at: member.keySpan,
          help: refusals[member.key].map { [$0] }
            ?? suggestions(member.key, among: settings.map(\.name), otherwise: "its settings are").nonEmpty
            ?? refusals[""].map { [$0] } ?? [])
        continue
      }
      self.refusals = setting.refusals
      object[member.key] = read(member.value, as: setting.shape, path: path + [member.key], key: member.keySpan)
    }
    for setting in settings where !members.contains(where: { $0.key == setting.name }) {
      if let fallback = setting.filledFallback {
        object[setting.name] = fallback
      } else if setting.isRequired, !setting.shape.isArtifact, !forgiven.contains(setting.name) {
        complain(
          "missing-setting", "\(owner) needs '\(setting.name)'", at: span,
          help: ["add '\(setting.name): …': \(phrase(setting.summary))"])
      }
    }
    return .object(object)
  }

  /// The first alternative that reads without problems; failing that, what is wrong inside the first that the
  /// node is of the kind for.
  private mutating func readAny(
    _ node: YAMLNode, of shapes: [Shape], _ whole: Shape, path: [String], key: Span?
  ) -> JSON? {
    let fitting = shapes.filter { $0.admits(node) }
    var telling: [Diagnostic] = []
    for shape in fitting {
      if case .artifact = shape, fitting.count > 1, case .scalar(let scalar) = node.content,
        !isArtifactName(scalar.text)
      {
        continue
      }
      let before = (problems: problems.count, mentions: mentions.count)
      let value = read(node, as: shape, path: path, key: key)
      if problems.count == before.problems { return value }
      let failure = Array(problems[before.problems...])
      if telling.isEmpty, failure.contains(where: { $0.code != "wrong-type" || $0.place != node.span.place }) {
        telling = failure
      }
      problems.removeLast(failure.count)
      mentions.removeLast(mentions.count - before.mentions)
    }
    if telling.isEmpty { complainOfType(node, whole, path) } else { problems += telling }
    return nil
  }

  private func isArtifactName(_ text: String) -> Bool {
    artifactNames.contains(text) || artifactNames.contains(text.prefix { $0 != "." } + ".")
  }

  private mutating func readScalar(_ scalar: YAMLScalar, _ span: Span, _ shape: Shape, _ path: [String]) -> JSON? {
    let allowsSecrets =
      switch shape {
      case .secret: true
      // The address of a database stands where a path does.
      case .path: scalar.text.hasPrefix("postgresql://") || scalar.text.hasPrefix("postgres://")
      default: false
      }
    let filled = Interpolation(scalar.text, environment: environment, allowsSecrets: allowsSecrets)
    var place = SettingPlace(key: places[path]?.key ?? span, value: span, text: nil)
    if let column = scalar.verbatimColumn {
      place.text = scalar.text
      place.textColumn = column
    }
    guard filled.problems.isEmpty else {
      for problem in filled.problems { complain(problem, place) }
      return nil
    }
    if filled.isChanged { place.text = nil }
    places[path] = place
    let text = filled.text
    let value: JSON? =
      switch shape {
      case .boolean: Scalars.boolean(text)
      case .integer(let range): Scalars.integer(text, in: range)
      case .number(let range): Scalars.number(text, in: range)
      case .share: Scalars.share(text)
      case .shareOrCount: Scalars.shareOrCount(text)
      case .duration: Scalars.duration(text)
      case .choice(let words): words.first { $0 == text }.map(JSON.string)
      case .scalar: JSON(text)
      default: Scalars.text(text)
      }
    guard let value else {
      complain(
        "wrong-type", "\(label(path)) is \(found(text)), expected \(shape.words)", at: span, help: help(shape, text))
      return nil
    }
    if case .artifact(let accepted) = shape {
      mentions.append(Mention(key: withoutItems(path), text: text, span: span, accepted: accepted))
      return nil
    }
    if case .checked(_, let check) = shape {
      let found = check(text)
      for problem in found { complain(problem, place) }
      if !found.isEmpty { return nil }
    }
    return value
  }

  private mutating func complain(_ problem: TextProblem, _ place: SettingPlace) {
    let bytes = max(0, problem.offset)..<max(0, problem.offset) + max(0, problem.length)
    complain(problem.code, problem.message, at: place.span(of: bytes), help: problem.help)
  }

  private mutating func complainOfType(_ node: YAMLNode, _ shape: Shape, _ path: [String]) {
    var help: [String] = []
    if case .list = shape, case .scalar(let scalar) = node.content, !node.isNothing {
      help = ["write it as a list: [\(scalar.text.prefix(60))]"]
    } else if case .scalar(let scalar) = node.content {
      help = self.help(shape, scalar.text)
    }
    complain("wrong-type", "\(label(path)) is \(node.words), expected \(shape.words)", at: node.span, help: help)
  }

  private func help(_ shape: Shape, _ text: String) -> [String] {
    switch shape {
    case .boolean:
      let words = ["yes": "true", "on": "true", "no": "false", "off": "false"]
      return words[text.lowercased()].map { ["did you mean '\($0)'?"] } ?? []
    case .choice(let words): return suggestion(text, among: words).map { ["did you mean '\($0)'?"] } ?? []
    case .share, .shareOrCount:
      return Scalars.share(text + "%") != nil && Int(text) != 0 && text != "1.0" ? ["did you mean '\(text)%'?"] : []
    case .duration: return Double(text) != nil ? ["did you mean '\(text)s'?"] : []
    case .anyOf(let shapes):
      return shapes.lazy.map { self.help($0, text) }.first { !$0.isEmpty } ?? members(thatTake: text, of: shapes)
    default: return []
    }
  }

  /// Where a number stands for a map: the members that would take it.
  private func members(thatTake text: String, of shapes: [Shape]) -> [String] {
    for case .record(let settings) in shapes {
      let maps = settings.filter { $0.shape.takes(number: text) }.map { "{ \($0.name): \(text) }" }
      if !maps.isEmpty { return ["write \(alternatives(maps))"] }
    }
    return []
  }

  /// What messages call a setting: `'columns.age.min'`, `an item of 'missing'`.
  private func label(_ path: [String]) -> String {
    let name = quoted(withoutItems(path))
    return path.last?.hasPrefix("[") == true ? "an item of \(name)" : name
  }

  private func withoutItems(_ path: [String]) -> String {
    path.filter { !$0.hasPrefix("[") }.joined(separator: ".")
  }
}

extension SettingGrammar {
  /// The fallback; that of a record with the fallbacks of its members.
  var filledFallback: JSON? {
    guard let fallback else { return nil }
    guard case .record(let settings) = shape, case .object(var members) = fallback else { return fallback }
    for setting in settings where members[setting.name] == nil {
      if let value = setting.filledFallback { members[setting.name] = value }
    }
    return .object(members)
  }
}

extension Shape {
  fileprivate func takes(number text: String) -> Bool {
    switch self {
    case .number(let range): Scalars.number(text, in: range) != nil
    case .integer(let range): Scalars.integer(text, in: range) != nil
    case .anyOf(let shapes): shapes.contains { $0.takes(number: text) }
    default: false
    }
  }

  var isArtifact: Bool { if case .artifact = self { true } else { false } }
}

extension Array {
  fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}
