import Statistics
import Tabular

extension RowSelection {
  /// Calls `body` with windows of table rows, at most `longest` each where rows are picked, that hold the rows at
  /// `positions` of the selection: the window, the selected rows in it (nil for all of them), and the place of the first
  /// within `positions`.
  func eachWindow<Failure: Error>(
    _ positions: Range<Int>, longest: Int,
    _ body: (_ window: Range<Int>, _ selected: ArraySlice<Int>?, _ at: Int) throws(Failure) -> Void
  ) throws(Failure) {
    guard case .rows(let rows) = self else { return try body(positions, nil, 0) }
    var start = positions.lowerBound
    while start < positions.upperBound {
      var end = start + 1
      while end < positions.upperBound, rows[end] - rows[start] < longest { end += 1 }
      let window = rows[start]..<rows[end - 1] + 1
      try body(window, window.count == end - start ? nil : rows[start..<end], start - positions.lowerBound)
      start = end
    }
  }
}

extension BoundEncoder {
  /// Encodes the rows at `positions` of a selection, as the contiguous `encode` does; `out` has them one after the other.
  /// This is what a solver reads: it knows the rows of its fit as 0, 1, 2, …
  ///
  /// Rows of the table between selected ones are read too, in windows, and left out.
  package func encode(
    _ selection: RowSelection, _ positions: Range<Int>, into out: UnsafeMutableBufferPointer<Double>,
    leadingDimension: Int
  ) throws(InferenceError) {
    try selection.eachWindow(positions, longest: 8192) { (window, selected, at) throws(InferenceError) in
      let rest = UnsafeMutableBufferPointer(rebasing: out[min(at, out.count)...])
      try encode(window, picks: selected, into: rest, leadingDimension: leadingDimension)
    }
  }
}

extension BoundTarget {
  /// Reads the targets at `positions` of a selection as `read` does, one after the other.
  package func read(
    _ selection: RowSelection, _ positions: Range<Int>, into out: UnsafeMutableBufferPointer<Double>
  ) {
    gather(selection, positions, into: out) { rows, out in read(rows, into: out) }
  }

  /// Reads what a solver fits at `positions` of a selection, one after the other; see the contiguous `readForFit`.
  package func readForFit(
    _ objective: ModelObjective, _ selection: RowSelection, _ positions: Range<Int>,
    into out: UnsafeMutableBufferPointer<Double>
  ) {
    gather(selection, positions, into: out) { rows, out in readForFit(objective, rows, into: out) }
  }

  private func gather(
    _ selection: RowSelection, _ positions: Range<Int>, into out: UnsafeMutableBufferPointer<Double>,
    _ read: (Range<Int>, UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    selection.gather(positions, into: out, read)
  }
}

extension BoundOffset {
  /// Reads the terms at `positions` of a selection, one after the other. Throws for the first that is missing, or for an
  /// exposure that is not above 0.
  package func read(
    _ selection: RowSelection, _ positions: Range<Int>, into out: UnsafeMutableBufferPointer<Double>
  ) throws(InferenceError) {
    selection.gather(positions, into: out) { rows, out in
      if column.type.isNumeric { column.readNumbers(rows, into: out) } else { out.update(repeating: .nan) }
    }
    for index in 0..<positions.count {
      let value = out[index]
      let term = offset.isExposure ? (value > 0 ? Elementary.log(value) : .nan) : value
      guard term.isFinite else {
        throw .badOffset(
          column: offset.name, row: selection.row(positions.lowerBound + index) + 1, isExposure: offset.isExposure,
          isMissing: value.isNaN)
      }
      out[index] = term
    }
  }
}

extension RowSelection {
  /// Reads numbers at `positions` by `read`, which reads a range of table rows.
  package func gather(
    _ positions: Range<Int>, into out: UnsafeMutableBufferPointer<Double>,
    _ read: (Range<Int>, UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    let longest = 8192
    withUnsafeTemporaryAllocation(of: Double.self, capacity: longest) { scratch in
      scratch.initialize(repeating: 0)
      eachWindow(positions, longest: longest) { window, selected, at in
        guard let selected else {
          return read(window, UnsafeMutableBufferPointer(rebasing: out[at..<at + window.count]))
        }
        read(window, UnsafeMutableBufferPointer(rebasing: scratch[0..<window.count]))
        for (index, row) in selected.enumerated() { out[at + index] = scratch[row - window.lowerBound] }
      }
    }
  }
}
