import Basics
import Diagnostics

/// Makes a document of a node tree: the top of the file, then its steps, wiring and checks.
struct DocumentBuilder {
  let parser: WorkflowParser
  let source: SourceText
  var problems: [Diagnostic] = []

  init(parser: WorkflowParser, source: SourceText) {
    self.parser = parser
    self.source = source
  }

  /// Words that later sections of the file will use.
  static let reserved = ["schedule", "monitor", "alerts", "heal", "serve"]

  static let topSettings = [
    SettingGrammar(
      "workflow", "the name of the workflow", .checked(name: "workflow name", check: checkName), isRequired: true),
    SettingGrammar("description", "what the workflow is for", .text),
    SettingGrammar("seed", "the number that all randomness is derived from", .integer(0...(1 << 53)), fallback: 0),
  ]

  mutating func build(_ root: YAMLNode) -> ParseResult {
    guard let members = root.members else {
      problems.append(
        .error(
          "wrong-type", "the file is \(root.words), expected a map with 'workflow' and 'steps'", at: root.span.place))
      return result(nil)
    }
    let top = readTop(members, at: root.span)
    var steps: [ParsedStep] = []
    if let member = members.first(where: { $0.key == "steps" }) {
      steps = readSteps(member)
    } else {
      problems.append(
        .error(
          "missing-setting", "the workflow needs 'steps'", at: root.span.place,
          help: ["add 'steps:' with a step below it"])
      )
    }
    var wiring = Wiring(steps: steps, kinds: parser.kinds)
    wiring.wire()
    problems += wiring.problems
    var document = WorkflowDocument(
      name: top["workflow"]?.stringValue ?? "", description: top["description"]?.stringValue,
      seed: top["seed"]?.intValue ?? 0, steps: wiring.steps.map(\.spec), file: source.file)
    finish(&document, wiring.steps)
    return result(document)
  }

  private mutating func readTop(_ members: [YAMLMember], at span: Span) -> JSON {
    var own: [YAMLMember] = []
    for member in members where member.key != "steps" && !member.key.hasPrefix("x-") {
      if DocumentBuilder.reserved.contains(member.key) {
        problems.append(
          .error("not-yet-available", "'\(member.key)' is not available yet", at: member.keySpan.place))
      } else if DocumentBuilder.topSettings.contains(where: { $0.name == member.key }) {
        own.append(member)
      } else {
        let known = DocumentBuilder.topSettings.map(\.name) + ["steps"]
        problems.append(
          .error(
            "unknown-setting", "a workflow has no setting \(quoted(member.key))", at: member.keySpan.place,
            help: suggestions(member.key, among: known, otherwise: "at the top stand")
              + (parser.kinds.contains { $0.name == member.key }
                ? ["'\(member.key)' is a step kind: write it below 'steps:' and a step's name"] : [])))
      }
    }
    var reader = ShapeReader(environment: parser.environment)
    let top = reader.readRecord(own, DocumentBuilder.topSettings, path: [], owner: "the workflow", at: span)
    problems += reader.problems
    return top
  }

  /// Waiting and the kinds' own checks. A circle ends it, because kinds follow references.
  private mutating func finish(_ document: inout WorkflowDocument, _ steps: [ParsedStep]) {
    guard complainOfCircles(document) else { return }
    let wired = document
    for (index, step) in steps.enumerated() {
      guard let kind = step.kind, step.spec.isSound else { continue }
      let awaited = Set(kind.waitsFor(step.spec, wired))
      document.steps[index].after = wired.steps.map(\.name).filter { $0 != step.spec.name && awaited.contains($0) }
    }
    guard complainOfCircles(document) else { return }
    for (index, step) in steps.enumerated() where step.spec.isSound {
      let spec = document.steps[index]
      let own = step.kind?.check(spec, document) ?? []
      problems += own
      if !own.contains(where: { $0.severity == .error }) { complainOfTwin(of: spec, among: document.steps[..<index]) }
    }
  }

  private mutating func complainOfTwin(of step: StepSpec, among others: ArraySlice<StepSpec>) {
    let twin = others.first { $0.kind == step.kind && $0.settings == step.settings && $0.inputs == step.inputs }
    guard let twin else { return }
    problems.append(
      .error(
        "same-step", "step '\(step.name)' does the same as step '\(twin.name)'", at: step.place,
        help: ["remove one of them"], notes: [.init("'\(twin.name)' stands here", at: twin.place)]))
  }

  /// Whether there are none.
  private mutating func complainOfCircles(_ document: WorkflowDocument) -> Bool {
    let circles = document.circles()
    for circle in circles {
      guard let first = document.step(named: circle[0]) else { continue }
      let next = circle.count > 1 ? circle[1] : circle[0]
      let setting = first.inputs.filter { $0.value.contains { $0.step == next } }.keys.sorted().first
      let place = setting.map { first.place(ofPath: $0.split(separator: ".").map(String.init)) } ?? first.place
      problems.append(
        .error(
          "circle", "steps wait for each other: \((circle + [circle[0]]).joined(separator: " → "))", at: place))
    }
    return circles.isEmpty
  }

  private func result(_ document: WorkflowDocument?) -> ParseResult {
    let isWrong = problems.contains { $0.severity == .error }
    return ParseResult(document: isWrong ? nil : document, diagnostics: told())
  }

  /// The problems by line and column, what has no line last; at one place as they were found. What an alias repeats is told
  /// once.
  private func told() -> [Diagnostic] {
    struct Identity: Hashable {
      var line: Int
      var column: Int
      var message: String
    }
    let identities = problems.map { problem in
      Identity(line: problem.place?.line ?? .max, column: problem.place?.column ?? 0, message: problem.message)
    }
    var seen: Set<Identity> = []
    let order = problems.indices.filter { seen.insert(identities[$0]).inserted }.sorted { left, right in
      (identities[left].line, identities[left].column, left) < (identities[right].line, identities[right].column, right)
    }
    let shown = order.prefix(Limits.problems).map { problems[$0] }
    let rest = order.count - shown.count
    return rest == 0 ? shown : shown + [.error("more-problems", "\(rest) more problems are not shown")]
  }
}

/// `[A-Za-z0-9][A-Za-z0-9._-]*`, at most 100 characters.
@Sendable private func checkName(_ text: String) -> [TextProblem] {
  isName(text, others: "._-")
    ? []
    : [
      TextProblem(
        offset: 0, length: text.utf8.count, code: "bad-name",
        message: "\(quoted(text)) is no name for a workflow",
        help: ["use at most 100 letters, digits, '.', '_' and '-', beginning with a letter or a digit"])
    ]
}

/// Whether `text` is made of ASCII letters, digits and, but for the first, `others`.
func isName(_ text: String, others: String) -> Bool {
  func isWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }
  guard let first = text.utf8.first, isWord(first), text.utf8.count <= 100 else { return false }
  return text.utf8.dropFirst().allSatisfy { isWord($0) || others.utf8.contains($0) }
}
