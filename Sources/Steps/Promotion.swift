package import Basics
import Diagnostics
import Evaluation
import Execution
package import ModelRegistry
package import ObjectStore
import Statistics

/// Releases a registered version outside of a run: the recorded gate is judged again against what the channel serves now.
package struct Promotion {
  private let registry: ModelRegistry
  private let store: Store
  private let threads: Int
  private let cancellation: Cancellation

  package init(registry: ModelRegistry, store: Store, threads: Int, cancellation: Cancellation) {
    self.registry = registry
    self.store = store
    self.threads = threads
    self.cancellation = cancellation
  }

  package struct Judgement {
    /// Nil when no gate ever judged the version.
    package var verdict: Verdict?
    package var conditions: [JSON]
  }

  /// The recorded verdict where it is no pass; else the same conditions on the same rows against `champion`. Where the
  /// champion is the version itself, or what it was held against already, the recorded verdict stands.
  package func judge(_ version: ModelVersion, against champion: Digest?) throws -> Judgement {
    guard let digest = version.gateReport else { return Judgement(verdict: version.verdict.flatMap(Verdict.init), conditions: []) }
    let recorded = try store.readJSON(digest)
    let conditions = recorded["conditions"]?.arrayValue ?? []
    let verdict = recorded["verdict"]?.stringValue.flatMap(Verdict.init)
    let isSettled = champion == nil || champion == version.digest || champion == recorded["champion"]?.digestValue
    guard verdict == .pass, !isSettled, let scores = recorded["scores"]?.digestValue, let champion else {
      return Judgement(verdict: verdict, conditions: conditions)
    }
    let bootstrap = BootstrapSettings(seed: derivedSeed(0, "promote"), threads: threads)
    let judge = try CandidateJudge(
      scores: store.readJSON(scores), store: store, bootstrap: bootstrap, cancellation: cancellation)
    let report = try judge.judge(
      try conditions.compactMap { $0["condition"]?.stringValue }.map { try Condition(parsing: $0) },
      candidate: version.digest, champion: champion)
    return Judgement(verdict: report.verdict, conditions: report.conditions.map(\.json))
  }

  /// Moves the channel; refuses a quarantined digest unless told to lift that.
  package func release(_ version: ModelVersion, to channel: String, liftsQuarantine: Bool) throws {
    try releaseVersion(
      version, to: channel, run: nil, liftsQuarantine: liftsQuarantine, registry: registry,
      documents: ReleaseDocuments(version: version, reports: [:], store: store))
  }
}

/// The one way to a channel: quarantine is looked at, then the registry verifies, lays out and switches.
func releaseVersion(
  _ version: ModelVersion, to channel: String, run: String?, liftsQuarantine: Bool, registry: ModelRegistry,
  documents: ReleaseDocuments
) throws {
  if try registry.isQuarantined(model: version.model, digest: version.digest) {
    guard liftsQuarantine else {
      throw Problems(
        .error(
          "quarantined", "model \(version.digest.short) is quarantined: it was rolled back before",
          help: ["run again with --lift-quarantine if it is good after all"]), failure: .answerIsNo)
    }
    try registry.liftQuarantine(model: version.model, digest: version.digest)
  }
  try registry.release(version, channel: channel, run: run, beside: documents.files)
}
