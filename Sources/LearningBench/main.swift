import Basics
import Glibc
import Learning
import LinearAlgebra

// Times the trainers on rows in memory, beside what peers are given: `LearningBench WORK FILE.npy [THREADS] [ROUNDS]`, or
// `LearningBench family FOLDER` for the problems of `Benchmarks/random_family.py`.
// Prints one JSON object a round.

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  print("usage: LearningBench WORK FILE.npy [THREADS] [ROUNDS]; WORK is one of \(Work.names.joined(separator: ", "))")
  exit(64)
}
let threads = arguments.count > 3 ? Int(arguments[3]) ?? 2 : 2
let rounds = arguments.count > 4 ? Int(arguments[4]) ?? 1 : 1
if arguments[1] == "family" {
  try Family.run(arguments[2], threads: threads)
  exit(0)
}
guard let work = Work.all[arguments[1]] else {
  print("unknown work '\(arguments[1])'")
  exit(64)
}

/// User and system seconds of this process.
func processorSeconds() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

let matrix = try NumpyMatrix(arguments[2])
for _ in 0..<rounds {
  let watch = ContinuousClock.now
  let before = processorSeconds()
  let facts = try work(matrix, threads)
  let seconds = watch.duration(to: .now) / .seconds(1)
  var line: JSON = [
    "work": .string(arguments[1]), "threads": JSON(threads), "rows": JSON(matrix.rowCount),
    "columns": JSON(matrix.columnCount - 1), "kernels": .string(RowKernels.instructions), "seconds": .number(seconds),
  ]
  line["cpu"] = .number(processorSeconds() - before)
  for (key, value) in facts.objectValue ?? [:] { line[key] = value }
  print(line.canonical)
}
