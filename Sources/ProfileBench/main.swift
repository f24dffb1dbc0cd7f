import Basics
import DataValidation
import Glibc
import Tabular

// Times the profile of a stored table, for `Benchmarks/ingest.py`.
//
//     ProfileBench TABLE [THREADS]
//
// Prints a line of JSON: rows, columns, and the medians of three of the seconds of reading every number of the table once and
// of profiling it, with those of all processors together.
let threads = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 1 : processorCount()
let table = try Table.open(CommandLine.arguments[1])

func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func readAll() {
  parallelFor(count: table.schema.fields.count, threads: threads) { index in
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
    column.noteRead()
    precondition(!sum.isInfinite)
  }
}

/// Seconds and processor seconds of some work, medians of three.
func measured(_ work: () throws -> Void) rethrows -> (seconds: Double, cpu: Double) {
  var (seconds, processors): ([Double], [Double]) = ([], [])
  for _ in 0..<3 {
    let (start, watch) = (processorSeconds(), Stopwatch())
    try work()
    seconds.append(watch.seconds)
    processors.append(processorSeconds() - start)
  }
  return (seconds.sorted()[1], processors.sorted()[1])
}

readAll()
let read = measured(readAll)
let profile = try measured { _ = try TableProfile(table, threads: threads) }
print(
  "{\"rows\": \(table.rowCount), \"columns\": \(table.schema.fields.count), \"threads\": \(threads), "
    + "\"read_seconds\": \(read.seconds), \"read_cpu\": \(read.cpu), "
    + "\"profile_seconds\": \(profile.seconds), \"profile_cpu\": \(profile.cpu)}")
