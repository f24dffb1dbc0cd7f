import Basics
import Glibc
import Learning
import LinearAlgebra
import Tabular

// Times what LIBLINEAR is given, a logistic model on a libsvm file with classes -1 and 1 and without an intercept, reading
// and fit apart: `SparseBench FILE.svm [THREADS] [ROUNDS] [TOLERANCE] [l1]`.
//
// The objective is LIBLINEAR's with C = 1: |w|²/2 (with `l1`, |w|₁) + Σ ln(1 + exp(−y·x·w)). Reading makes an Arrow file of
// the libsvm file, whose digest is taken beforehand, and maps it. Prints one JSON object a round.

BLASLibrary.prepare()
let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
  print("usage: SparseBench FILE.svm [THREADS] [ROUNDS] [TOLERANCE] [l1]")
  exit(64)
}
let threads = arguments.count > 2 ? Int(arguments[2]) ?? 2 : 2
let rounds = arguments.count > 3 ? Int(arguments[3]) ?? 1 : 1
let tolerance = arguments.count > 4 ? Double(arguments[4]) ?? 1e-8 : 1e-8
let isL1 = arguments.count > 5 && arguments[5] == "l1"

/// User and system seconds of this process.
func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

for _ in 0..<rounds {
  let output = "\(arguments[1]).\(getpid()).arrow"
  defer { unlink(output) }
  var started = processorSeconds()
  var watch = Stopwatch()
  _ = try ingestLibSVM(
    arguments[1], into: output, digest: Digest(of: ""), threads: threads, cancellation: Cancellation(),
    progress: { _ in })
  let table = try Table.open(output)
  var line: JSON = ["work": "sparse", "threads": JSON(threads), "read_seconds": .number(watch.seconds)]
  line["read_cpu"] = .number(processorSeconds() - started)

  let design = try TableDesign(table)
  let share = 1 / Double(design.rowCount)
  started = processorSeconds()
  watch = Stopwatch()
  let fit = try fit(
    design,
    FitSettings(
      objective: .logistic, penalty: isL1 ? Penalty(l1: share) : Penalty(l2: share), intercept: false,
      tolerance: tolerance, threads: threads), cancellation: Cancellation())
  line["fit_seconds"] = .number(watch.seconds)
  line["fit_cpu"] = .number(processorSeconds() - started)
  line["objective"] = .number(fit.objectiveValue * Double(design.rowCount))
  line["gradient_norm"] = .number(fit.gradientNorm)
  line["duality_gap"] = fit.dualityGap.map { .number($0) }
  line["iterations"] = JSON(fit.iterations)
  line["converged"] = .bool(fit.converged)
  print(line.canonical)
}
