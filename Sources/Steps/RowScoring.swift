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

  /// The scored rows and their numbers in the table; rows without a target are left out where the workflow says so.
  func score(_ table: Table, rows wanted: [Int], cancellation: Cancellation) throws -> (ScoredRows, [Int]) {
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
      return (scored, rows)
    }
    let scored = ScoredRows(
      classes: model.target.classes, targets: targets.map { Int($0) }, probabilities: predictions.probabilities,
      decisions: predictions.decisions, positive: model.target.positive,
      weights: weights)
    return (scored, rows)
  }
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
