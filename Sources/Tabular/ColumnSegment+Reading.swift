/// Reading many rows at once: plain loops over raw memory, which `rows` and `out` must cover.
extension ColumnSegment {
  /// See `Column.readNumbers`. The type must be numeric.
  func readNumbers(_ rows: Range<Int>, of type: ColumnType, into out: UnsafeMutablePointer<Double>) {
    let first = rows.lowerBound
    switch type {
    case .integer:
      let from = values.assumingMemoryBound(to: Int64.self) + first
      for index in 0..<rows.count { out[index] = Double(from[index]) }
    case .number: out.update(from: values.assumingMemoryBound(to: Double.self) + first, count: rows.count)
    case .boolean: for index in 0..<rows.count { out[index] = boolean(first + index) ? 1 : 0 }
    case .date:
      let from = values.assumingMemoryBound(to: Int32.self) + first
      for index in 0..<rows.count { out[index] = Double(from[index]) }
    case .timestamp:
      let from = values.assumingMemoryBound(to: Int64.self) + first
      for index in 0..<rows.count { out[index] = Double(from[index]) / 1_000_000 }
    default: return
    }
    eachMissing(rows) { out[$0] = .nan }
  }

  /// See `Column.readCodes`.
  func readCodes(_ rows: Range<Int>, levels: Int32, into out: UnsafeMutablePointer<Int32>) {
    let from = values.assumingMemoryBound(to: Int32.self) + rows.lowerBound
    for index in 0..<rows.count {
      let code = from[index]
      out[index] = code < 0 || code >= levels ? -1 : code
    }
    eachMissing(rows) { out[$0] = -1 }
  }

  /// Calls `body` with the place within `rows` of each that is missing.
  @inline(__always)
  private func eachMissing(_ rows: Range<Int>, _ body: (Int) -> Void) {
    guard let validity else { return }
    var row = rows.lowerBound
    while row < rows.upperBound {
      // Eight at once where none of them is missing.
      if row & 7 == 0, row + 8 <= rows.upperBound, validity[row >> 3] == 0xFF {
        row += 8
        continue
      }
      if isMissing(row) { body(row - rows.lowerBound) }
      row += 1
    }
  }
}
