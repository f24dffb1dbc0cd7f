import Learning

/// Runs of a design's rows, one after the other, as a design of their own.
struct RowRuns: DesignSource {
  let design: NumpyDesign
  let runs: [Range<Int>]

  var rowCount: Int { runs.reduce(0) { $0 + $1.count } }
  var columnCount: Int { design.columnCount }

  func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    eachPart(of: rows) { part, place in
      design.readDesign(
        part, into: UnsafeMutableBufferPointer(rebasing: out[place...]), leadingDimension: leadingDimension)
    }
  }

  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    eachPart(of: rows) { part, place in
      design.readTargets(part, into: UnsafeMutableBufferPointer(rebasing: out[place..<place + part.count]))
    }
  }

  /// The rows of the design behind `rows`, and where among those each part begins.
  private func eachPart(of rows: Range<Int>, _ body: (Range<Int>, Int) -> Void) {
    var start = 0
    for run in runs {
      let part = rows.clamped(to: start..<start + run.count)
      let shift = run.lowerBound - start
      if !part.isEmpty { body(part.lowerBound + shift..<part.upperBound + shift, part.lowerBound - rows.lowerBound) }
      start += run.count
    }
  }
}

extension NumpyDesign {
  /// Fold `index` of `count`: neighbours, as scikit-learn's `KFold` cuts them without shuffling.
  func fold(_ index: Int, of count: Int) -> Fold {
    let start = (0..<index).reduce(0) { $0 + foldSize($1, of: count) }
    let end = start + foldSize(index, of: count)
    return Fold(
      training: RowRuns(design: self, runs: [0..<start, end..<rowCount]),
      heldOut: RowRuns(design: self, runs: [start..<end]))
  }

  private func foldSize(_ index: Int, of count: Int) -> Int { rowCount / count + (index < rowCount % count ? 1 : 0) }
}
