internal import Basics
internal import LinearAlgebra

extension LossFit.Ending {
  /// Whether every row is told right, which proves the classes separable.
  var isComplete: Bool {
    let margin = minimum.evaluation.rows.smallestMargin
    return margin > 0 && margin < .infinity
  }

  /// Where the coefficients go: those of classes that are told apart, else the step that would come next.
  var direction: [Double] { isComplete ? coefficients : nextStep ?? coefficients }
}

extension LossFit {
  /// Says that there is no finite minimum, and which columns are why. Complete separation is proved by margins above 0; where
  /// only some rows can be separated, the gradient fades but Newton's steps do not: each moves the scores of those rows by
  /// about 1, or has moved them so far that they weigh nothing any more.
  func separationNote(_ ending: Ending, _ cancellation: Cancellation) throws -> String? {
    let isFlat = euclideanNorm(ending.minimum.evaluation.gradient) < 1e-5
    guard ending.isComplete || isFlat && (ending.largestMove > 0.1 || !ending.unresolved.isEmpty) else { return nil }
    if let found = try separationDiagnosis(
      of: source, settings, direction: ending.direction, cancellation: cancellation)
    {
      return found
    }
    if ending.isComplete { return Separation.completeNote }
    return ending.unresolved.isEmpty ? Separation.unexplainedNote : nil
  }

  /// The most that a step of `[1 | Z]` moves the score of a row, against the other outputs where there are several. A pass
  /// over the rows, but where the columns' squares tell that it is not much.
  func largestMove(_ step: [Double], cancellation: Cancellation) throws -> Double {
    let width = rows.designWidth
    var bound = 0.0
    for (index, size) in step.enumerated() {
      bound += abs(size) * (Double(source.rowCount) * survey.squares[index % width] / survey.weight).squareRoot()
    }
    guard bound > 0.1, bound.isFinite else { return bound }
    let (outputs, stride) = (outputs, rows.blocks.leadingDimension)
    let pool = Pool { AlignedBuffer(count: stride * outputs) }
    let reduction = TreeReduction(make: { 0.0 }, merge: { $0 = max($0, $1) })
    return try reduction.run(
      over: rows, .all(rows.blocks), threads: settings.threads, cancellation: cancellation, clear: { $0 = 0 },
      add: { block, largest in
        pool.lend { scratch in
          let scores = MatrixView(scratch.start, rows: block.rowCount, columns: outputs, leadingDimension: stride)
          step.withUnsafeBufferPointer {
            if let start = $0.baseAddress { RowKernels.scores(block.design, start, stride: width, into: scores) }
          }
          for row in 0..<block.rowCount where block.weights.map({ $0[row] > 0 }) ?? true {
            let first = scores.column(0)[row]
            var (low, high) = outputs == 1 ? (0, 0) : (first, first)
            for output in 0..<outputs {
              low = min(low, scores.column(output)[row])
              high = max(high, scores.column(output)[row])
            }
            largest = max(largest, high - low)
          }
        }
      })
  }
}
