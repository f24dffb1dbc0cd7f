import Basics
import Diagnostics
import Evaluation
import Execution
import Inference
import ObjectStore
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
      let predictions = try scorer.score(table, rows: span)
      var truth = [Double](repeating: 0, count: span.count)
      truth.withUnsafeMutableBufferPointer { target.read(span, into: $0) }
      for row in rows[index..<end] {
        targets.append(truth[row - start])
        append(predictions, row - start, to: &answers, &decisions)
      }
      index = end
    }
    if model.target.classes.isEmpty { return (ScoredRows(targets: targets, predictions: answers), rows) }
    let scored = ScoredRows(
      classes: model.target.classes, targets: targets.map { Int($0) }, probabilities: answers, decisions: decisions,
      positive: model.target.positive)
    return (scored, rows)
  }

  private func append(_ predictions: Predictions, _ row: Int, to answers: inout [Double], _ decisions: inout [Int]) {
    if model.target.classes.isEmpty {
      answers.append(predictions.numbers[row])
    } else {
      for index in model.target.classes.indices { answers.append(predictions.probability(row, index)) }
      decisions.append(predictions.decisions[row])
    }
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
