import Basics
import Diagnostics
import Evaluation
import Execution
import Inference
import ObjectStore
import Tabular

/// Holds a candidate against conditions: scores it, and the champion, on the rows that its evaluation judged.
struct CandidateJudge {
  private let store: Store
  private let data: PartitionedTable
  private let part: String
  private let role: TargetRole
  private let weight: String?
  private let bootstrap: BootstrapSettings
  private let cancellation: Cancellation

  /// `scores` is what `evaluate` made.
  init(
    scores: JSON, store: Store, bootstrap: BootstrapSettings, cancellation: Cancellation
  ) throws {
    guard let type = scores["data"]?["type"]?.stringValue, let digest = scores["data"]?["digest"]?.digestValue,
      let judged = scores["judged"]?.stringValue, let target = scores["target"]
    else { throw Problems(.error("not-scores", "an evaluation is not what it should be"), failure: .badInput) }
    self.store = store
    self.bootstrap = bootstrap
    self.cancellation = cancellation
    role = TargetRole(json: target)
    weight = scores["weight"]?.stringValue
    part = judged
    data = try PartitionedTable(
      Action.Input(role: "data", type: type, digest: digest), in: store, cancellation: cancellation)
  }

  /// `known` is what `evaluate` scored where it is still there: it need not be scored again.
  func judge(
    _ conditions: [Condition], candidate: Digest, champion: Digest?, known: ScoredPart? = nil
  ) throws -> GateReport {
    let model = try store.openModel(candidate, cancellation: cancellation)
    let part = try known ?? score(model, data.rows(of: part))
    let (rows, table) = (part.rows, data.table)
    let evidence = Evidence(
      candidate: part.scored, champion: try champion.map { try championScores($0, data.rows(of: self.part)) },
      facts: model.gateFacts.merging([.badRows: table.badRowShare]) { $1 }
    ) { name, value in
      table.column(named: name).map { column in rows.map { column.text($0) == value } }
    }
    return try Evaluation.judge(conditions, evidence, bootstrap, cancellation: cancellation)
  }

  private func score(_ model: Model, _ rows: [Int]) throws -> ScoredPart {
    try RowScoring(model: model, role: role, weight: weight, threads: bootstrap.threads).score(
      data.table, rows: rows, cancellation: cancellation)
  }

  /// The champion on the same rows. One that cannot score them is told as what it is: it was made for another table.
  private func championScores(_ digest: Digest, _ rows: [Int]) throws -> ScoredRows {
    let model = try store.openModel(digest, cancellation: cancellation)
    do {
      return try score(model, rows).scored
    } catch let error as any Diagnosable {
      var diagnostics = error.diagnostics
      diagnostics[0].message = "the champion \(digest.short) cannot be scored on this data: \(diagnostics[0].message)"
      throw Problems(diagnostics, failure: error.failure)
    }
  }
}
