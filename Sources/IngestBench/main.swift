// Times the reading of data files from the inside, for `Benchmarks/ingest.py`.
//
//     IngestBench memory FILE THREADS          into columns in memory
//     IngestBench ingest FILE OUTPUT THREADS   into an Arrow file, with its digest, not flushed
//     IngestBench file FILE OUTPUT THREADS     the same for a file of any format
//     IngestBench open TABLE                   maps such a file
//
// Prints a line of JSON: seconds, CPU seconds, rows, missing cells, and the sum of the first column of numbers.
import Basics
import Glibc
import Tabular

func cpuSeconds() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

func peakMiB() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss / 1024
}

func report(_ table: Table, seconds: Double, cpu: Double) {
  let columns = table.schema.fields.indices.map { table.column($0) }
  var sum = 0.0
  if let first = columns.first(where: { $0.type == .number }) {
    let numbers = [Double](unsafeUninitializedCapacity: table.rowCount) { buffer, count in
      first.readNumbers(0..<table.rowCount, into: UnsafeMutableBufferPointer(rebasing: buffer[..<table.rowCount]))
      count = table.rowCount
    }
    sum = numbers.reduce(0) { $1.isNaN ? $0 : $0 + $1 }
  }
  let missing = columns.reduce(0) { $0 + $1.missingCount }
  let types = columns.map { "\"\($0.name)\": \"\($0.type.rawValue)\"" }.joined(separator: ", ")
  print(
    "{\"seconds\": \(seconds), \"cpu\": \(cpu), \"peak_mib\": \(peakMiB()), \"rows\": \(table.rowCount), "
      + "\"missing\": \(missing), \"sum\": \(sum), \"types\": {\(types)}}")
}

let arguments = CommandLine.arguments
let watch = Stopwatch()
switch arguments.dropFirst().first {
case "memory" where arguments.count == 4:
  let threads = Int(arguments[3]) ?? 1
  let isJSON = SourceFormat.byName(arguments[2]) == .jsonl
  let table =
    try isJSON ? Table.readJSONLines(arguments[2], threads: threads) : Table.readCSV(arguments[2], threads: threads)
  report(table, seconds: watch.seconds, cpu: cpuSeconds())
case "ingest" where arguments.count == 5:
  unlink(arguments[3])
  _ = try ingestCSV(
    arguments[2], format: CSVFormat(), into: arguments[3], digest: Digest(of: ""), threads: Int(arguments[4]) ?? 1,
    cancellation: .process, progress: { _ in })
  let (seconds, cpu) = (watch.seconds, cpuSeconds())
  report(try Table.open(arguments[3]), seconds: seconds, cpu: cpu)
case "file" where arguments.count == 5:
  unlink(arguments[3])
  let format = SourceFormat.detected(head: try SourceFormat.firstBytes(of: arguments[2]), name: arguments[2])
  _ = try ingestFile(
    arguments[2], named: arguments[2], format: format, csv: CSVFormat(), into: arguments[3],
    threads: Int(arguments[4]) ?? 1, cancellation: .process, progress: { _ in })
  let (seconds, cpu) = (watch.seconds, cpuSeconds())
  report(try Table.open(arguments[3]), seconds: seconds, cpu: cpu)
case "open" where arguments.count == 3:
  let table = try Table.open(arguments[2])
  report(table, seconds: watch.seconds, cpu: cpuSeconds())
default:
  print("usage: IngestBench memory FILE THREADS | ingest FILE OUTPUT THREADS | file FILE OUTPUT THREADS | open TABLE")
  exit(64)
}
