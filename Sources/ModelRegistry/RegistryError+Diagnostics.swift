import Basics
package import Diagnostics

extension RegistryError: Diagnosable {
  package var failure: Failure {
    switch self {
    case .badName, .badChannel, .unknownModel, .unknownVersion, .ambiguousVersion: .usage
    case .nothingServed: .unavailable
    case .notAModel: .badInput
    case .quarantined, .noPrevious, .deploymentDamaged, .historyBroken: .answerIsNo
    }
  }

  package var diagnostics: [Diagnostic] {
    switch self {
    case .badName(let name):
      [
        .error(
          "bad-model-name", "'\(name)' cannot name a model",
          help: ["use letters, digits, '.', '_' and '-', a letter or digit first, at most 100 of them"])
      ]
    case .badChannel(let name):
      [
        .error(
          "bad-channel-name", "'\(name)' cannot name a channel",
          help: ["use a name such as 'production' or 'staging': letters, digits, '.', '_' and '-'"])
      ]
    case .unknownModel(let name, let known):
      [
        .error(
          "unknown-model", "there is no model '\(name)'",
          help: suggestions(for: name, known, "'mlflowctl models list' shows them"))
      ]
    case .unknownVersion(let model, let version, let known):
      [
        .error(
          "unknown-version", "model '\(model)' has no version or channel '\(version)'",
          help: suggestions(for: version, known, "'mlflowctl models show \(model)' shows them"))
      ]
    case .ambiguousVersion(let model, let version, let candidates):
      [
        .error(
          "ambiguous-version", "'\(model)@\(version)' could be \(candidates.count) versions",
          help: ["write more digits of the digest"], notes: candidates.prefix(5).map { .init($0.hex) })
      ]
    case .nothingServed(let model, let channel):
      [
        .error(
          "nothing-served", "channel '\(channel)' of model '\(model)' serves nothing",
          help: [
            "name a version, as in '\(model)@1', or release one: 'mlflowctl promote \(model) --to \(channel) --first'"
          ])
      ]
    case .notAModel(let digest):
      [
        .error(
          "not-a-model",
          "artifact \(digest.short)… is not a model: it must hold \(ModelVersion.files.joined(separator: ", ")) and nothing else"
        )
      ]
    case .quarantined(let model, let digest):
      [
        .error(
          "quarantined", "version \(digest.short)… of model '\(model)' is quarantined: it is barred from release",
          help: ["'mlflowctl models history \(model)' says why; '--lift-quarantine' lets it go"])
      ]
    case .noPrevious(let model, let channel):
      [
        .error(
          "no-previous-version", "channel '\(channel)' of model '\(model)' has no earlier version to go back to",
          help: ["versions in quarantine do not count; 'mlflowctl models history \(model)' shows them"])
      ]
    case .deploymentDamaged(let path):
      [
        .error(
          "deployment-damaged", "'\(path)' does not hold the model that its name says",
          help: ["release the version again: that makes the folder anew from the store"])
      ]
    case .historyBroken(let model, let line, let reason):
      [
        .error(
          "history-broken", "the history of model '\(model)' was changed: line \(line) cannot be trusted, \(reason)",
          at: Place(file: "models/\(model)/history.jsonl", line: line),
          help: ["put a copy of the file back; no channel of this model moves until then"])
      ]
    }
  }

  private func suggestions(for name: String, _ known: [String], _ otherwise: String) -> [String] {
    nearestName(to: name, among: known).map { ["did you mean '\($0)'?"] } ?? [otherwise]
  }
}
