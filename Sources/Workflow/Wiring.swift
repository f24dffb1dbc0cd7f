import Diagnostics

/// Decides what every artifact setting refers to. The rule is told in `docs/decisions/0002-wiring.md`.
struct Wiring {
  private(set) var steps: [ParsedStep]
  private(set) var problems: [Diagnostic] = []
  private let kinds: [KindGrammar]
  private let indices: [String: Int]
  /// The first step in the document that replaces an artifact by what it makes.
  private var replacements: [ArtifactReference: Int] = [:]
  /// The first step in the document of some kind that takes an artifact for some setting.
  private var takers: [Taking: Int] = [:]

  private struct Taking: Hashable {
    var reference: ArtifactReference
    var kind: String
    var setting: String
  }

  init(steps: [ParsedStep], kinds: [KindGrammar]) {
    self.steps = steps
    self.kinds = kinds
    indices = Dictionary(steps.enumerated().map { ($1.spec.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Names first, because they may point forward; then what was left out, in document order; then what is taken over from
  /// other steps, as often as that finds something new; then the rule for the rest.
  mutating func wire() {
    for index in steps.indices {
      for mention in steps[index].mentions { resolve(mention, of: index) }
    }
    for index in steps.indices {
      for setting in leftOut(index) where setting.fallbackFrom == nil { infer(setting, of: index) }
    }
    var isMoving = true
    while isMoving {
      isMoving = false
      for index in steps.indices {
        for setting in leftOut(index) where takeOver(setting, of: index) { isMoving = true }
      }
    }
    for index in steps.indices {
      for setting in leftOut(index) where setting.fallbackFrom != nil { infer(setting, of: index) }
    }
  }

  /// Artifact settings that neither the file nor the wiring so far has given a value.
  private func leftOut(_ index: Int) -> [SettingGrammar] {
    let step = steps[index]
    return step.kind?.settings.filter { setting in
      setting.shape.isArtifact && step.spec.places[[setting.name]] == nil && step.spec.inputs[setting.name] == nil
        && setting.alternativeTo.map { step.spec.places[[$0]] == nil } ?? true
    } ?? []
  }

  // MARK: Settings given by name

  private mutating func resolve(_ mention: ShapeReader.Mention, of index: Int) {
    let reader = steps[index].spec.name
    let parts = mention.text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let target = indices[parts[0]] else {
      complainOfUnknown(mention, parts[0], index)
      return
    }
    guard steps[target].kind != nil else { return }
    let made = offers(target)
    let chosen: [ArtifactReference]
    if parts.count > 1 {
      chosen = made.filter { $0.output == parts[1] }
      if chosen.isEmpty {
        let names = made.compactMap(\.output)
        let help =
          names.isEmpty
          ? ["it makes one thing: write '\(parts[0])'"] : suggestions(parts[1], among: names, otherwise: "it has")
        complain(
          index, "unknown-output", "step '\(parts[0])' has no output \(quoted(parts[1]))", at: mention.span, help: help)
        return
      }
    } else {
      chosen = made
    }
    let fitting = chosen.filter { mention.accepted.contains($0.type) }
    if fitting.isEmpty {
      let makes = chosen.isEmpty ? "nothing" : alternatives(distinctTypes(chosen))
      complain(
        index, "wrong-artifact",
        "step '\(reader)' reads '\(mention.text)', which makes \(makes), expected "
          + alternatives(mention.accepted.map { withArticle($0.rawValue) }), at: mention.span)
    } else if fitting.count > 1, fitting[0].output != nil {
      complain(
        index, "ambiguous-output", "step '\(mention.text)' makes several files", at: mention.span,
        help: ["name one of them: \(alternatives(fitting.map { "'\($0.text)'" }))"])
    } else {
      assign(fitting[0], to: mention.key, of: index)
    }
  }

  private mutating func assign(_ reference: ArtifactReference, to setting: String, of index: Int) {
    steps[index].spec.inputs[setting, default: []].append(reference)
    let taking = Taking(reference: reference, kind: steps[index].spec.kind, setting: setting)
    takers[taking] = min(takers[taking] ?? index, index)
    if steps[index].kind?.replaces == setting {
      replacements[reference] = min(replacements[reference] ?? index, index)
    }
  }

  // MARK: Settings left out

  /// Takes what the step that another setting refers to takes itself.
  private mutating func takeOver(_ setting: SettingGrammar, of index: Int) -> Bool {
    guard let origin = setting.fallbackFrom, case .artifact(let accepted) = setting.shape,
      let reference = steps[index].spec.inputs[origin.setting]?.first, let other = indices[reference.step],
      let theirs = steps[other].spec.inputs[origin.theirSetting]?.first, accepted.contains(theirs.type)
    else { return false }
    assign(theirs, to: setting.name, of: index)
    return true
  }

  private mutating func infer(_ setting: SettingGrammar, of index: Int) {
    guard case .artifact(let accepted) = setting.shape else { return }
    let kind = steps[index].spec.kind
    let candidates = (0..<index).flatMap { offers($0, accepted) }.filter { replacements[$0] ?? index >= index }
    // One that no step of this kind has taken yet wins if it stands after all that were taken: the next branch.
    let lastTaken = candidates.lastIndex {
      takers[Taking(reference: $0, kind: kind, setting: setting.name)] ?? index < index
    }
    let free = candidates.suffix(from: lastTaken.map { $0 + 1 } ?? 0)
    let remaining = free.isEmpty ? candidates : Array(free)
    if remaining.count == 1 {
      assign(remaining[0], to: setting.name, of: index)
    } else if !remaining.isEmpty {
      complainOfMany(remaining, setting, index)
    } else if setting.isRequired, !steps[..<index].contains(where: { $0.kind == nil }) {
      complainOfNone(accepted, setting, index)
    }
  }

  /// What a step makes: of one type each, or named files.
  private func offers(_ index: Int, _ accepted: [ArtifactType] = ArtifactType.allCases) -> [ArtifactReference] {
    let step = steps[index]
    let made =
      step.outputNames.map { $0.map { ArtifactReference(step: step.spec.name, output: $0, type: .file) } }
      ?? step.kind?.outputs?.map { ArtifactReference(step: step.spec.name, type: $0) } ?? []
    return made.filter { accepted.contains($0.type) }
  }

  // MARK: Messages

  private mutating func complainOfUnknown(_ mention: ShapeReader.Mention, _ name: String, _ index: Int) {
    let fitting = steps.indices.filter { $0 != index && !offers($0, mention.accepted).isEmpty }
    let isPath = mention.text.contains { $0 == "/" || $0 == "." }
    let pathSettings = isPath ? steps[index].kind?.settings.filter(\.shape.takesPaths).map { "'\($0.name)'" } ?? [] : []
    let pathHelp = pathSettings.isEmpty ? [] : ["the path of a file stands under \(alternatives(pathSettings))"]
    complain(
      index, "unknown-step", "step '\(steps[index].spec.name)' reads unknown step \(quoted(name))", at: mention.span,
      help: suggestions(name, among: fitting.map { steps[$0].spec.name }, otherwise: "what it can read comes from")
        + pathHelp)
  }

  private mutating func complainOfMany(_ found: [ArtifactReference], _ setting: SettingGrammar, _ index: Int) {
    let step = steps[index].spec
    let names = found.map { "'\($0.text)'" }
    complain(
      index, "ambiguous-wiring",
      "'\(setting.name)' of step '\(step.name)' is left out, and \(listing(names)) \(names.count == 2 ? "both" : "all") could be it",
      at: step.places[[]]?.key, help: ["write \(alternatives(found.map { "'\(setting.name): \($0.text)'" }))"])
  }

  private mutating func complainOfNone(_ accepted: [ArtifactType], _ setting: SettingGrammar, _ index: Int) {
    let step = steps[index].spec
    let later = steps.indices.dropFirst(index + 1).first { !offers($0, accepted).isEmpty }
    let makers = kinds.filter { kind in
      (kind.outputs ?? [.file]).contains { accepted.contains($0) && !kind.passesOn($0) }
    }.map(\.name)
    let help =
      later.map { position in
        let name = steps[position].spec.name
        return "step '\(name)' makes one further down: move it up, or write '\(setting.name): \(name)'"
      } ?? "add a step of kind \(alternatives(makers.map { "'\($0)'" })) before it"
    complain(
      index, "nothing-to-read",
      "step '\(step.name)' needs \(alternatives(accepted.map { withArticle($0.rawValue) })), but no step before it makes one",
      at: step.places[[]]?.key, help: [help])
  }

  private func distinctTypes(_ references: [ArtifactReference]) -> [String] {
    references.map { withArticle($0.type.rawValue) }.enumerated().reduce(into: []) { types, item in
      if !types.contains(item.element) { types.append(item.element) }
    }
  }

  private mutating func complain(
    _ index: Int, _ code: String, _ message: String, at span: Span?, help: [String] = []
  ) {
    steps[index].spec.isSound = false
    problems.append(.error(code, message, at: span?.place ?? steps[index].spec.place, help: help))
  }
}

extension KindGrammar {
  /// Whether it needs an artifact of a type to make one, as `validate` does.
  fileprivate func passesOn(_ type: ArtifactType) -> Bool {
    guard case .artifact(let read)? = settings.first(where: { $0.name == replaces })?.shape else { return false }
    return read.contains(type)
  }
}

extension Shape {
  /// Whether a path, or a list of them, is all that it takes.
  fileprivate var takesPaths: Bool {
    switch self {
    case .path, .list(.path): true
    default: false
    }
  }
}
