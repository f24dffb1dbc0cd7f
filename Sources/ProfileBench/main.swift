import Basics
import DataValidation
import Glibc
import Tabular

// ProfileBench TABLE.arrow [THREADS]: seconds of reading every number of a stored table once, and of profiling it; in brackets
// those of all processors together.
let threads = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 1 : processorCount()
let table = try Table.open(CommandLine.arguments[1])

func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

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
  var start = processorSeconds()
  let read = try readSeconds()
  let readProcessors = processorSeconds() - start
  start = processorSeconds()
  let watch = Stopwatch()
  let profile = try TableProfile(table, threads: threads)
  let seconds = watch.seconds
  let processors = processorSeconds() - start
  let values = Double(table.rowCount * table.schema.fields.count)
  print(
    "\(table.rowCount) rows x \(table.schema.fields.count) columns, \(threads) threads: read \(read) s (\(readProcessors) s),",
    "profile \(seconds) s (\(processors) s), \(processors / values * 1e9) ns a value, \(profile.columns.count) columns")
}
