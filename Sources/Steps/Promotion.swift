package import Basics
import Diagnostics
import Evaluation
import Execution
package import ModelRegistry
package import ObjectStore
import Statistics

/// Releases a registered version outside of a run: the recorded gate is judged again against what the channel serves now.
package struct Promotion {
  private let registry: Registry
  private let store: Store
  private let threads: Int
  private let cancellation: Cancellation

  package init(store: Store, threads: Int, cancellation: Cancellation) {
    registry = Registry(store)
    self.store = store
    self.threads = threads
    self.cancellation = cancellation
  }

  package struct Judgement {
    /// Nil when no gate ever judged the version.
    package var verdict: Verdict?
    package var conditions: [JSON]
  }

  /// The recorded verdict where it is no pass, of the version or of the gate whose report it has; else the same conditions on the same rows against `champion`. Where the
  /// champion is the version itself, or what it was held against already, the recorded verdict stands.
  package func judge(_ version: ModelVersion, against champion: Digest?) throws -> Judgement {
    guard let digest = version.report else {
      return Judgement(verdict: version.verdict.flatMap(Verdict.init(rawValue:)), conditions: [])
    }
    let recorded = try store.readJSON(digest)
    let conditions = recorded["conditions"]?.arrayValue ?? []
    let verdicts = [version.verdict, recorded["verdict"]?.stringValue].compactMap {
      $0.flatMap(Verdict.init(rawValue:))
    }
    let verdict = verdicts.isEmpty ? nil : Verdict.all(verdicts)
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

  /// Moves the channel; throws for a quarantined digest unless told to lift that.
  package func release(_ version: ModelVersion, to channel: String, liftingQuarantine: Bool) throws -> Switch {
    return try registry.release(
      version, to: channel,
      files: try ReleaseDocuments(version, scores: nil, store: store, cancellation: cancellation).files,
      actor: currentUser(), liftingQuarantine: liftingQuarantine,
      cancellation: cancellation)
  }
}
