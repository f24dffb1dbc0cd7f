import Basics
import DataValidation
import Tabular

// ProfileBench TABLE.arrow [THREADS]: seconds of reading every number of a stored table once, and of profiling it.
let threads = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 1 : processorCount()
let table = try Table.open(CommandLine.arguments[1])

func readSeconds() throws -> Double {
  let watch = Stopwatch()
  try parallelFor(count: table.schema.fields.count, threads: threads) { index in
    let column = table.column(index)
    guard column.type.isNumeric else { return }
    var block = [Double](repeating: 0, count: 2048)
    var sum = 0.0
    for start in stride(from: 0, to: column.rowCount, by: block.count) {
      let rows = start..<min(column.rowCount, start + block.count)
      block.withUnsafeMutableBufferPointer {
        column.readNumbers(rows, into: UnsafeMutableBufferPointer(rebasing: $0[..<rows.count]))
      }
      sum += block[0]
    }
    column.release()
    precondition(!sum.isInfinite)
  }
  return watch.seconds
}

_ = try readSeconds()
for _ in 0..<3 {
  let read = try readSeconds()
  let watch = Stopwatch()
  let profile = try TableProfile(table, threads: threads)
  let seconds = watch.seconds
  let values = Double(table.rowCount * table.schema.fields.count)
  print(
    "\(table.rowCount) rows x \(table.schema.fields.count) columns, \(threads) threads: read \(read) s, profile \(seconds) s,",
    "\(seconds * Double(threads) / values * 1e9) ns a value and thread, \(profile.columns.count) columns")
}
