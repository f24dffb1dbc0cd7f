import Basics
import Glibc
import Learning
import Tabular

/// The sparse column of a table as a design: indices less one are columns.
struct TableDesign: SparseDesignSource {
  let features: Column
  let targets: [Double]
  let columnCount: Int
  var rowCount: Int { targets.count }

  func readEntries(_ rows: Range<Int>, into block: SparseBlock) {
    var columns: [Int32] = []
    features.eachSparseRow(rows) { _, indices, numbers in
      columns.removeAll(keepingCapacity: true)
      for index in indices { columns.append(index - 1) }
      columns.withUnsafeBufferPointer { block.append(columns: $0, values: numbers) }
    }
  }

  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for row in rows { out[row - rows.lowerBound] = targets[row] }
  }
}

let path = CommandLine.arguments[1]
let threads = Int(CommandLine.arguments[2]) ?? 2
let columns = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 100_000 : 100_000
let tolerance = CommandLine.arguments.count > 4 ? Double(CommandLine.arguments[4]) ?? 1e-8 : 1e-8
let l1 = CommandLine.arguments.count > 5 ? Double(CommandLine.arguments[5]) ?? 0 : 0
let output = "/tmp/h2/sparse-bench-\(getpid()).arrow"
let reading = Stopwatch()
_ = try ingestLibSVM(path, into: output, threads: threads, cancellation: .process, progress: { _ in })
let table = try Table.open(output)
unlink(output)
let readSeconds = reading.seconds
let label = table.column(0)
var targets = [Double](repeating: 0, count: table.rowCount)
targets.withUnsafeMutableBufferPointer { label.readNumbers(0..<label.rowCount, into: $0) }
let design = TableDesign(features: table.column(1), targets: targets.map { $0 > 0 ? 1 : 0 }, columnCount: columns)
for _ in 0..<3 {
  let watch = Stopwatch()
  let before = clock()
  let settings = FitSettings(
    objective: .logistic, penalty: l1 > 0 ? Penalty(l1: l1 / Double(targets.count)) : Penalty(l2: 1 / Double(targets.count)), intercept: false, tolerance: tolerance,
    threads: threads)
  let fit = try fit(design, settings, cancellation: .process)
  let seconds = watch.seconds
  let json: JSON = [
    "cpu_seconds": .number(Double(clock() - before) / 1e6), "read_seconds": .number(readSeconds), "fit_seconds": .number(seconds),
    "objective": .number(fit.objectiveValue * Double(targets.count)), "gradient_norm": .number(fit.gradientNorm),
    "nonzero": JSON(fit.coefficients.count { $0 != 0 }), "gap": .number(fit.dualityGap ?? -1),
    "iterations": JSON(fit.iterations), "converged": .bool(fit.converged), "notes": JSON(fit.notes),
  ]
  print(String(decoding: json.canonicalBytes, as: UTF8.self))
}
