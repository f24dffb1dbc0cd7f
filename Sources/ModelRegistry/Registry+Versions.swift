package import Basics
import ObjectStore

extension Registry {
  /// Registers a model under the next number of its name. A digest that is registered already keeps its number; a new
  /// verdict, or report behind it, is recorded.
  ///
  /// Throws `RegistryError.badName`, `.notAModel`, and what the store throws for an artifact that is missing or damaged.
  package func register(
    model: String, artifact: Digest, verdict: String?, report: Digest? = nil, run: String? = nil,
    workflow: String? = nil, created: Timestamp = .now, cancellation: Cancellation
  ) throws -> ModelVersion {
    guard try store.tree(artifact).entries.map(\.path) == ModelVersion.files else {
      throw RegistryError.notAModel(artifact)
    }
    return try locked(model, cancellation: cancellation) { _, history in
      let known = try versions(of: model, history)
      let same = known.first { $0.digest == artifact }
      if let same, same.verdict == verdict, same.report == report { return same }
      let last = max(known.map(\.number).max() ?? 0, history.entries.compactMap(\.number).max() ?? 0)
      let version = ModelVersion(
        model: model, number: same?.number ?? last + 1, digest: artifact, verdict: verdict, report: report, run: run,
        workflow: workflow, created: created)
      try store.putRecord(ModelVersion.recordType, version.body)
      return version
    }
  }

  /// The versions of a model by number, each with its latest verdict. One that the store has lost but a channel served is
  /// told from the history. Empty for a model that nobody knows.
  package func versions(of model: String) throws -> [ModelVersion] {
    try versions(of: model, try history(model))
  }

  private func versions(of model: String, _ history: History) throws -> [ModelVersion] {
    var latest: [Digest: ModelVersion] = [:]
    // Records come in order of digests, so that of two from one instant the same one always counts.
    for stored in try store.records(ofType: ModelVersion.recordType, subject: model) {
      guard let version = ModelVersion(stored.record), version.model == model else { continue }
      if let other = latest[version.digest], other.created > version.created { continue }
      latest[version.digest] = version
    }
    for entry in history.entries {
      guard let digest = entry.to, latest[digest] == nil, let number = entry.number else { continue }
      latest[digest] = ModelVersion(
        model: model, number: number, digest: digest, verdict: entry.verdict, run: entry.run, created: entry.time)
    }
    return latest.values.sorted { ($0.number, $0.digest) < ($1.number, $1.digest) }
  }

  /// The version that `text` names: `penguins` (what its production channel serves), `penguins@3` (number),
  /// `penguins@staging` (channel) or `penguins@9f3c` (the beginning of its digest), tried in this order.
  ///
  /// Throws `RegistryError`.
  package func resolve(_ text: String) throws -> ModelVersion {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let model = parts[0]
    let serving = try serving(model)
    let versions = try versions(of: model)
    let channels = try serving.channels()
    if versions.isEmpty && channels.isEmpty { throw RegistryError.unknownModel(model, known: try models()) }
    let wanted = parts.count > 1 ? parts[1] : "production"

    if let number = Int(wanted) {
      let found = versions.filter { $0.number == number }
      if found.count > 1 {
        throw RegistryError.ambiguousVersion(model: model, version: wanted, candidates: found.map(\.digest))
      }
      if let version = found.first { return version }
      // Digits are a number, not the beginning of a digest, unless there are too many for one.
      if wanted.utf8.count < 8 {
        throw RegistryError.unknownVersion(model: model, version: wanted, known: versions.map { String($0.number) })
      }
    }
    if let digest = channels[wanted] {
      if let version = versions.first(where: { $0.digest == digest }) { return version }
      throw RegistryError.unknownVersion(model: model, version: digest.hex, known: [])
    }
    if parts.count == 1 { throw RegistryError.nothingServed(model: model, channel: wanted) }
    let found = versions.filter { !wanted.isEmpty && $0.digest.hex.hasPrefix(wanted.lowercased()) }
    if found.count > 1 {
      throw RegistryError.ambiguousVersion(model: model, version: wanted, candidates: found.map(\.digest))
    }
    guard let version = found.first else {
      throw RegistryError.unknownVersion(
        model: model, version: wanted, known: channels.keys.sorted() + versions.map { String($0.number) })
    }
    return version
  }

  /// The version registered last. Throws `RegistryError.unknownModel`.
  package func latest(_ model: String) throws -> ModelVersion {
    guard let version = try versions(of: model).last else {
      throw RegistryError.unknownModel(model, known: try models())
    }
    return version
  }
}
