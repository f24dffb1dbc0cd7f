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
  /// Rows of the table between selected ones are encoded too, in windows, and left out.
  package func encode(
    _ selection: RowSelection, _ positions: Range<Int>, into out: UnsafeMutableBufferPointer<Double>,
    leadingDimension: Int
  ) throws(InferenceError) {
    let width = encoder.columnCount
    let longest = max(64, min(8192, (1 << 20) / max(1, width)))
    var scratch: [Double] = []
    try selection.eachWindow(positions, longest: longest) { (window, selected, at) throws(InferenceError) in
      guard let selected else {
        let rest = UnsafeMutableBufferPointer(rebasing: out[min(at, out.count)...])
        return try encode(window, into: rest, leadingDimension: leadingDimension)
      }
      if scratch.count < window.count * width { scratch = [Double](repeating: 0, count: longest * width) }
      let result = scratch.withUnsafeMutableBufferPointer { block in
        Result { () throws(InferenceError) in try encode(window, into: block, leadingDimension: window.count) }
      }
      try result.get()
      for column in 0..<width {
        for (index, row) in selected.enumerated() {
          out[column * leadingDimension + at + index] = scratch[column * window.count + row - window.lowerBound]
        }
      }
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
    let longest = 8192
    withUnsafeTemporaryAllocation(of: Double.self, capacity: longest) { scratch in
      scratch.initialize(repeating: 0)
      selection.eachWindow(positions, longest: longest) { window, selected, at in
        guard let selected else {
          return read(window, UnsafeMutableBufferPointer(rebasing: out[at..<at + window.count]))
        }
        read(window, UnsafeMutableBufferPointer(rebasing: scratch[0..<window.count]))
        for (index, row) in selected.enumerated() { out[at + index] = scratch[row - window.lowerBound] }
      }
    }
  }
}
