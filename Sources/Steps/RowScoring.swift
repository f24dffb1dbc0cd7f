package import Basics
import Diagnostics
import Evaluation
import Execution
package import Inference
package import ObjectStore
import Tabular

/// Scores rows of a table with a model and puts the true targets beside the predictions.
struct RowScoring: Sendable {
  let model: Model
  let role: TargetRole

  private static let window = 65_536

  /// The scored rows and their numbers in the table; rows without a target are left out where the workflow says so.
  func score(_ table: Table, rows wanted: [Int], cancellation: Cancellation) throws -> (ScoredRows, [Int]) {
    let rows = try role.rowsWithTarget(wanted, of: try role.column(in: table)).rows
    let target = try model.target.bind(to: table)
    let scorer = Scorer(model)
    var answers: [Double] = []
    var targets: [Double] = []
    var decisions: [Int] = []
    var index = 0
    while index < rows.count {
      try cancellation.check()
      let start = rows[index]
      var end = index
      while end < rows.count, rows[end] < start + Self.window { end += 1 }
      let span = start..<rows[end - 1] + 1
      let predictions = try scorer.score(table, rows: .rows(Array(rows[index..<end])))
      var truth = [Double](repeating: 0, count: span.count)
      truth.withUnsafeMutableBufferPointer { target.read(span, into: $0) }
      for row in rows[index..<end] { targets.append(truth[row - start]) }
      answers += model.target.classes.isEmpty ? predictions.numbers : predictions.probabilities
      decisions += predictions.decisions
      index = end
    }
    if model.target.classes.isEmpty { return (ScoredRows(targets: targets, predictions: answers), rows) }
    let scored = ScoredRows(
      classes: model.target.classes, targets: targets.map { Int($0) }, probabilities: answers, decisions: decisions,
      positive: model.target.positive)
    return (scored, rows)
  }
}

extension Store {
  /// A model artifact, every file of it hashed again.
  package func openModel(_ digest: Digest, cancellation: Cancellation) throws -> Model {
    let staged = makeStagingPath()
    defer { try? Files.removeTree(staged) }
    try materialise(tree(digest), into: staged, cancellation: cancellation)
    return try Model.read(from: staged)
  }
}
