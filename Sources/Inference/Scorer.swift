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
    // Few enough rows that all threads have some to the end.
    let size = max(1 << 10, min(1 << 14, count / (16 * max(1, threads))))
    let ranges = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    let predictions = Answers.collect(model, rowCount: count) { answers throws(InferenceError) in
      try parallelFor(count: ranges.count, threads: threads) { index throws(InferenceError) in
        if model.encoder.isSparse {
          try scoreSparse(bound, offset, rows, ranges[index], into: answers)
        } else {
          try scoreDense(bound, offset, rows, ranges[index], into: answers)
        }
      }
    }
    if case .failure = predictions, threads > 1 {
      // Which row is told must not depend on who was first.
      return try score(table, rows: rows)
    }
    return try predictions.get()
  }

  private func scoreDense(
    _ bound: BoundEncoder, _ offset: BoundOffset?, _ rows: RowSelection, _ range: Range<Int>,
    into answers: Answers
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
      answers.set(block, scores, leadingDimension: blockRows)
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
    into answers: Answers
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
      answers.set(block, scores, leadingDimension: blockRows)
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

/// Room for the answers to all rows, which blocks of scores are turned into; each is set once, on any thread.
private struct Answers: @unchecked Sendable {
  private let model: Model
  /// Numbers a row: its probabilities, or the one predicted.
  private let width: Int
  private let values: UnsafeMutableBufferPointer<Double>
  /// None for numbers.
  private let decisions: UnsafeMutableBufferPointer<Int>

  /// What `body` sets, which must be every row unless it throws.
  static func collect(
    _ model: Model, rowCount: Int, _ body: (Answers) throws(InferenceError) -> Void
  ) -> Result<Predictions, InferenceError> {
    let isClassifier = model.objective.isClassifier
    let width = isClassifier ? model.target.classes.count : 1
    var failure: InferenceError?
    var decided: [Int] = []
    let found = [Double](unsafeUninitializedCapacity: rowCount * width) { values, valueCount in
      decided = [Int](unsafeUninitializedCapacity: isClassifier ? rowCount : 0) { decisions, decisionCount in
        do throws(InferenceError) {
          try body(Answers(model: model, width: width, values: values, decisions: decisions))
          (valueCount, decisionCount) = (rowCount * width, isClassifier ? rowCount : 0)
        } catch {
          failure = error
        }
      }
    }
    if let failure { return .failure(failure) }
    return .success(
      Predictions(
        target: model.target, rowCount: rowCount, numbers: isClassifier ? [] : found,
        probabilities: isClassifier ? found : [], decisions: decided))
  }

  /// Answers the rows at `places` by their scores, which stand an output a column.
  func set(_ places: Range<Int>, _ scores: [Double], leadingDimension: Int) {
    if let calibration = model.calibration {
      let positive = model.target.positive
      for (row, place) in places.enumerated() {
        let odds = logOdds(outputs: model.outputCount, positive: positive) { scores[$0 * leadingDimension + row] }
        setProbabilities(place, calibration.probabilities(odds, positive: positive))
      }
      return
    }
    switch model.objective {
    case .linear: for (row, place) in places.enumerated() { values.initializeElement(at: place, to: scores[row]) }
    case .poisson:
      for (row, place) in places.enumerated() {
        values.initializeElement(at: place, to: Elementary.exp(scores[row]))
      }
    case .logistic:
      let sign = model.target.positive == 0 ? 1.0 : -1.0
      for (row, place) in places.enumerated() {
        values.initializeElement(at: 2 * place, to: Elementary.logistic(sign * scores[row]))
        values.initializeElement(at: 2 * place + 1, to: Elementary.logistic(-sign * scores[row]))
        decide(place)
      }
    case .multinomial:
      for (row, place) in places.enumerated() {
        setProbabilities(
          place, Elementary.softmax((0..<model.outputCount).map { scores[$0 * leadingDimension + row] }))
      }
    }
  }

  private func setProbabilities(_ place: Int, _ probabilities: [Double]) {
    for (index, probability) in probabilities.enumerated() {
      values.initializeElement(at: place * width + index, to: probability)
    }
    decide(place)
  }

  /// Of two classes the positive one above the threshold, of more the most probable one, the first of several.
  private func decide(_ place: Int) {
    let first = place * width
    if let positive = model.target.positive {
      decisions.initializeElement(
        at: place, to: values[first + positive] > model.threshold ? positive : 1 - positive)
      return
    }
    var best = 0
    for index in 1..<max(1, width) where values[first + index] > values[first + best] { best = index }
    decisions.initializeElement(at: place, to: best)
  }
}
