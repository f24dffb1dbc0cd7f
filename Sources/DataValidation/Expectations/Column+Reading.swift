import Basics
import Tabular

extension Column {
  /// Calls `body` with each row and value that is not missing, reading so many rows at a time.
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
