import Basics
import Statistics
package import Tabular

/// Predicts rows with a model.
///
/// Each row is computed on its own: intercept, then coefficient × column added in the order of the columns, then the
/// offset where the model has one, in plain IEEE arithmetic without BLAS, and `exp` of our own. So a row has the same prediction, to the last bit, alone or
/// among a million, on every processor.
package struct Scorer: Sendable {
  package let model: Model

  package init(_ model: Model) {
    self.model = model
  }

  /// Predicts rows of `table`, in their order. O(rows × columns × outputs) time; beside the answers some megabytes a thread.
  ///
  /// Throws `InferenceError` for columns that are missing or of another type, and for the first row that cannot be encoded.
  package func score(
    _ table: Table, rows: RowSelection = .all, threads: Int = 1
  ) throws(InferenceError) -> Predictions {
    let bound = try model.encoder.bind(to: table)
    let offset = try model.offset?.bind(to: table)
    let count = rows.count(of: table.rowCount)
    let size = 1 << 14
    let ranges = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    @Sendable func answers(_ index: Int) throws(InferenceError) -> Answers {
      var answers = Answers(model, rowCount: ranges[index].count)
      if model.encoder.isSparse {
        try scoreSparse(bound, offset, rows, ranges[index], into: &answers)
      } else {
        try scoreDense(bound, offset, rows, ranges[index], into: &answers)
      }
      return answers
    }
    let parts: [Answers]
    do throws(InferenceError) {
      parts = try parallelMap(count: ranges.count, threads: threads, answers)
    } catch {
      // Which row is told must not depend on who was first.
      if threads > 1 { return try score(table, rows: rows) }
      throw error
    }
    return Predictions(
      target: model.target, rowCount: count, numbers: parts.flatMap(\.numbers),
      probabilities: parts.flatMap(\.probabilities), decisions: parts.flatMap(\.decisions))
  }

  private func scoreDense(
    _ bound: BoundEncoder, _ offset: BoundOffset?, _ rows: RowSelection, _ range: Range<Int>,
    into answers: inout Answers
  ) throws(InferenceError) {
    let width = model.encoder.columnCount
    let blockRows = max(1, min(1024, (1 << 18) / max(1, width)))
    var design = [Double](repeating: 0, count: blockRows * width)
    var scores = [Double](repeating: 0, count: blockRows * model.outputCount)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
      let block = start..<min(start + blockRows, range.upperBound)
      let result = design.withUnsafeMutableBufferPointer { design in
        Result { () throws(InferenceError) in
          try bound.encode(rows, block, into: design, leadingDimension: blockRows)
        }
      }
      try result.get()
      addScores(design, rowCount: block.count, leadingDimension: blockRows, into: &scores)
      if let offset { try add(offset, rows, block, to: &scores) }
      answers.append(scores, rowCount: block.count, leadingDimension: blockRows)
    }
  }

  /// Adds the known terms to the scores of one output.
  private func add(
    _ offset: BoundOffset, _ rows: RowSelection, _ block: Range<Int>, to scores: inout [Double]
  ) throws(InferenceError) {
    var terms = [Double](repeating: 0, count: block.count)
    let result = terms.withUnsafeMutableBufferPointer { terms in
      Result { () throws(InferenceError) in try offset.read(rows, block, into: terms) }
    }
    try result.get()
    for row in terms.indices { scores[row] += terms[row] }
  }

  /// Predicts a range of rows; see the call with a selection.
  package func score(_ table: Table, rows: Range<Int>) throws(InferenceError) -> Predictions {
    try score(table, rows: .rows(Array(rows)))
  }

  /// The same for rows that are encoded as the entries that are not 0, added in the order of the columns.
  private func scoreSparse(
    _ bound: BoundEncoder, _ offset: BoundOffset?, _ rows: RowSelection, _ range: Range<Int>,
    into answers: inout Answers
  ) throws(InferenceError) {
    let blockRows = 1024
    let width = model.encoder.columnCount
    var encoding = SparseEncoding()
    var scores = [Double](repeating: 0, count: blockRows * model.outputCount)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
      let block = start..<min(start + blockRows, range.upperBound)
      encoding.removeAll()
      try bound.encodeSparse(rows, block, into: &encoding)
      for output in 0..<model.outputCount {
        let first = output * width
        for row in 0..<block.count {
          var score = model.intercepts[output]
          for entry in encoding.starts[row]..<encoding.starts[row + 1] {
            score += model.coefficients[first + Int(encoding.columns[entry])] * encoding.values[entry]
          }
          scores[output * blockRows + row] = score
        }
      }
      if let offset { try add(offset, rows, block, to: &scores) }
      answers.append(scores, rowCount: block.count, leadingDimension: blockRows)
    }
  }

  /// intercept + Σ coefficient·column for each output, column-major as the design.
  private func addScores(
    _ design: [Double], rowCount: Int, leadingDimension: Int, into scores: inout [Double]
  ) {
    let width = model.encoder.columnCount
    design.withUnsafeBufferPointer { design in
      scores.withUnsafeMutableBufferPointer { scores in
        for output in 0..<model.outputCount {
          let out = UnsafeMutableBufferPointer(
            rebasing: scores[output * leadingDimension..<(output + 1) * leadingDimension])
          out.update(repeating: model.intercepts[output])
          for column in 0..<width {
            let weight = model.coefficients[output * width + column]
            let values = UnsafeBufferPointer(
              rebasing: design[column * leadingDimension..<(column + 1) * leadingDimension])
            for row in 0..<rowCount { out[row] += weight * values[row] }
          }
        }
      }
    }
  }
}

/// Turns scores into answers, block after block.
private struct Answers {
  private let model: Model
  private(set) var numbers: [Double] = []
  private(set) var probabilities: [Double] = []
  private(set) var decisions: [Int] = []

  init(_ model: Model, rowCount: Int) {
    self.model = model
    if !model.objective.isClassifier {
      numbers.reserveCapacity(rowCount)
    } else {
      probabilities.reserveCapacity(rowCount * model.target.classes.count)
      decisions.reserveCapacity(rowCount)
    }
  }

  mutating func append(_ scores: [Double], rowCount: Int, leadingDimension: Int) {
    if let calibration = model.calibration {
      let positive = model.target.positive
      for row in 0..<rowCount {
        let odds = logOdds(outputs: model.outputCount, positive: positive) { scores[$0 * leadingDimension + row] }
        probabilities += calibration.probabilities(odds, positive: positive)
        decide()
      }
      return
    }
    switch model.objective {
    case .linear: numbers += scores[..<rowCount]
    case .poisson: for row in 0..<rowCount { numbers.append(Elementary.exp(scores[row])) }
    case .logistic:
      let sign = model.target.positive == 0 ? 1.0 : -1.0
      for row in 0..<rowCount {
        probabilities.append(Elementary.logistic(sign * scores[row]))
        probabilities.append(Elementary.logistic(-sign * scores[row]))
        decide()
      }
    case .multinomial:
      for row in 0..<rowCount {
        probabilities += Elementary.softmax((0..<model.outputCount).map { scores[$0 * leadingDimension + row] })
        decide()
      }
    }
  }

  /// Of two classes the positive one above the threshold, of more the most probable one, the first of several: for the row
  /// whose probabilities came last.
  private mutating func decide() {
    let width = model.target.classes.count
    let first = probabilities.count - width
    if let positive = model.target.positive {
      decisions.append(probabilities[first + positive] > model.threshold ? positive : 1 - positive)
      return
    }
    var best = 0
    for index in 1..<max(1, width) where probabilities[first + index] > probabilities[first + best] { best = index }
    decisions.append(best)
  }
}
