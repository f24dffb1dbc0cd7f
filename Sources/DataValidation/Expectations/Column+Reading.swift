import Basics
import Tabular

extension ColumnType {
  /// Whether values are whole numbers of some unit, which `Column.readWhole` reads exactly.
  var isWhole: Bool { self == .integer || self == .boolean || isTime }
}

extension Column {
  /// Calls `body` with each row and value that is not missing, reading so many rows at a time. Integers beyond 2⁵³ are
  /// rounded; see `eachWhole`.
  func eachNumber(block: Int, _ cancellation: Cancellation, _ body: (Int, Double) -> Void) throws {
    var values = [Double](repeating: 0, count: min(block, rowCount))
    for start in stride(from: 0, to: rowCount, by: block) {
      try cancellation.check()
      let count = min(block, rowCount - start)
      values.withUnsafeMutableBufferPointer {
        readNumbers(start..<start + count, into: UnsafeMutableBufferPointer(rebasing: $0[..<count]))
      }
      for index in 0..<count where !values[index].isNaN { body(start + index, values[index]) }
    }
  }

  /// The same, exactly, of integers, booleans (0 or 1), dates (days since 1970-01-01) and timestamps (microseconds since
  /// 1970-01-01T00:00:00Z).
  func eachWhole(block: Int, _ cancellation: Cancellation, _ body: (Int, Int64) -> Void) throws {
    var values = [Int64](repeating: 0, count: min(block, rowCount))
    for start in stride(from: 0, to: rowCount, by: block) {
      try cancellation.check()
      let rows = start..<min(rowCount, start + block)
      readWhole(rows, into: &values)
      if missingCount == 0 {
        for row in rows { body(row, values[row - start]) }
      } else {
        for row in rows where !isMissing(row) { body(row, values[row - start]) }
      }
    }
  }

  /// Reads values as `eachWhole` gives them to the front of `values`; 0 where missing.
  func readWhole(_ rows: Range<Int>, into values: inout [Int64]) {
    if type == .integer || type == .timestamp {
      values.withUnsafeMutableBufferPointer {
        readIntegers(rows, into: UnsafeMutableBufferPointer(rebasing: $0[..<rows.count]))
      }
      return
    }
    // Days and bits are exact as doubles.
    let numbers = [Double](unsafeUninitializedCapacity: rows.count) { numbers, count in
      numbers.initialize(repeating: 0)
      readNumbers(rows, into: numbers)
      count = rows.count
    }
    for (index, number) in numbers.enumerated() { values[index] = number.isNaN ? 0 : Int64(number) }
  }

  /// Calls `body` with each row and category code that is not missing, reading so many rows at a time.
  func eachCode(block: Int, _ cancellation: Cancellation, _ body: (Int, Int) -> Void) throws {
    var codes = [Int32](repeating: 0, count: min(block, rowCount))
    for start in stride(from: 0, to: rowCount, by: block) {
      try cancellation.check()
      let count = min(block, rowCount - start)
      codes.withUnsafeMutableBufferPointer {
        readCodes(start..<start + count, into: UnsafeMutableBufferPointer(rebasing: $0[..<count]))
      }
      for index in 0..<count where codes[index] >= 0 { body(start + index, Int(codes[index])) }
    }
  }
}
