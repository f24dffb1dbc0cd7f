import Basics
import Diagnostics
import Evaluation
import Execution
import Inference
import ObjectStore
import Tabular

/// Holds a candidate against conditions: scores it, and the champion, on the same rows.
struct CandidateJudge {
  var store: Store
  var data: PartitionedTable
  var part: String
  var target: TargetRole
  var seed: UInt64
  var resamples: Int
  var threads: Int
  var cancellation: Cancellation

  struct Report {
    var verdict: Verdict
    var conditions: [ConditionReport]
  }

  func judge(conditions: [String], candidate: Digest, champion: Digest?) throws -> Report {
    let model = try store.openModel(candidate)
    let wanted = data.rows(of: part)
    let (candidateRows, rows) = try RowScoring(model: model, target: target).score(
      data.table, rows: wanted, cancellation: cancellation)
    let championRows = try champion.map { try championScores($0, wanted) }
    var settings = JudgeSettings()
    settings.seed = seed
    settings.resamples = resamples
    settings.threads = threads
    let table = data.table
    let reports = try conditions.map { text in
      try cancellation.check()
      return try Evaluation.judge(
        Condition(parsing: text), candidate: candidateRows, champion: championRows,
        facts: ["converged": model.facts["converged"] ?? .null, "rows": JSON(rows.count)], settings: settings
      ) { name, value in
        table.column(named: name).map { column in rows.map { column.text($0) == value } }
      }
    }
    let verdicts = reports.map(\.verdict)
    let verdict: Verdict =
      verdicts.contains(.refuse) ? .refuse : verdicts.contains(.inconclusive) ? .inconclusive : .pass
    return Report(verdict: verdict, conditions: reports)
  }

  /// The champion on the same rows. A champion that cannot score them is told as what it is: it needs another table.
  private func championScores(_ digest: Digest, _ rows: [Int]) throws -> ScoredRows {
    let model = try store.openModel(digest)
    do {
      return try RowScoring(model: model, target: target).score(data.table, rows: rows, cancellation: cancellation).0
    } catch let error as any Diagnosable {
      var first = error.diagnostics[0]
      first.message = "the champion \(digest.short) cannot be scored on this data: \(first.message)"
      throw Problems(first, failure: .badInput)
    }
  }
}
