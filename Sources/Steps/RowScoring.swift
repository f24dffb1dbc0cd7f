package import Basics
import Diagnostics
import Evaluation
import Execution
package import Inference
package import ObjectStore
import Tabular

/// Scores rows of a table with a model and puts the true targets, and weights, beside the predictions.
struct RowScoring: Sendable {
  let model: Model
  let role: TargetRole
  /// The column that says how much rows count; nil where all count alike.
  let weight: String?
  let threads: Int

  /// The scored rows; those without a target are left out where the workflow says so.
  func score(_ table: Table, rows wanted: [Int], cancellation: Cancellation) throws -> ScoredPart {
    let rows = try role.rowsWithTarget(wanted, of: try role.column(in: table)).rows
    try cancellation.check()
    let predictions = try Scorer(model).score(table, rows: .rows(rows), threads: threads)
    let target = try model.target.bind(to: table)
    var targets = [Double](repeating: 0, count: rows.count)
    targets.withUnsafeMutableBufferPointer { target.read(.rows(rows), 0..<rows.count, into: $0) }
    let weights = try weight.map { try WeightColumn($0, in: table).values(.rows(rows), count: rows.count) }
    if !model.objective.isClassifier {
      let scored = ScoredRows(
        targets: targets, predictions: predictions.numbers, ofCounts: model.objective == .poisson, weights: weights)
      return ScoredPart(scored: scored, rows: rows)
    }
    let scored = ScoredRows(
      classes: model.target.classes, targets: targets.map { Int($0) }, probabilities: predictions.probabilities,
      decisions: predictions.decisions, positive: model.target.positive,
      weights: weights)
    return ScoredPart(scored: scored, rows: rows)
  }
}

/// Rows that a model was held against, and their numbers in the table.
struct ScoredPart: Sendable {
  var scored: ScoredRows
  var rows: [Int]

  /// Bytes that it takes, about.
  var size: Int { (scored.predictions.count + 4 * rows.count) * MemoryLayout<Double>.size }
}

extension Store {
  /// A model artifact, every file of it hashed again.
  package func openModel(_ digest: Digest, cancellation: Cancellation) throws -> Model {
    let staged = makeStagingPath()
    // What cannot be removed now is swept by a later process.
    defer { try? Files.removeTree(staged) }
    try materialise(tree(digest), into: staged, cancellation: cancellation)
    return try Model.read(from: staged)
  }
}
