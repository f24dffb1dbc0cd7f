import Basics
import LinearAlgebra
import Statistics
import Testing

@testable import Learning

struct ReproducibilityTests {
  /// 10,000 rows: three blocks, the last of them short.
  private func sample(_ objective: Objective) -> Sample {
    var generator = SeededGenerator(seed: 21)
    let count = 10_000
    let columns = (0..<4).map { _ in (0..<count).map { _ in generator.nextUnit() * 2 - 1 } }
    let targets = (0..<count).map { row in
      let score = columns[0][row] - 2 * columns[1][row] + generator.nextUnit() * 2 - 1
      func part(_ classes: Int) -> Double { Double(min(classes - 1, max(0, Int((score / 3 + 0.5) * Double(classes))))) }
      switch objective {
      case .linear: return score
      case .logistic: return part(2)
      case .multinomial(let classes): return part(classes)
      case .poisson: return max(0, score.rounded())
      }
    }
    return Sample(columns: columns, targets: targets)
  }

  @Test(
    arguments: [Objective.linear, .logistic, .poisson, .multinomial(classes: 3)],
    [Penalty(l2: 0.01), Penalty(l1: 0.01), Penalty(l1: 0.003, l2: 0.01)])
  func bitsDoNotDependOnThreadsOrMemory(objective: Objective, penalty: Penalty) throws {
    let design = sample(objective).design
    let settings = FitSettings(objective: objective, penalty: penalty)
    let one = try fit(design, settings, cancellation: never)
    #expect(one.converged)
    for (threads, memory) in [(2, 1 << 30), (3, 0)] {
      var other = settings
      (other.threads, other.memory) = (threads, memory)
      #expect(try fit(design, other, cancellation: never) == one, "\(threads) threads, \(memory) bytes")
    }
  }

  /// Wider registers give the same bits; a processor without fused multiply-add gives nearly the same numbers.
  @Test(arguments: [Objective.linear, .logistic, .poisson, .multinomial(classes: 3)])
  func bitsDoNotDependOnTheWidthOfRegisters(objective: Objective) throws {
    let design = sample(objective).design
    for penalty in [Penalty(l2: 0.01), Penalty(l1: 0.01)] {
      let settings = FitSettings(objective: objective, penalty: penalty)
      func solve() throws -> Fit { try fit(design, settings, cancellation: never) }
      let wide = try RowKernels.using("avx512", solve)
      let narrow = try RowKernels.using("avx2", solve)
      if let wide, let narrow { #expect(wide == narrow) }
      let plain = try #require(try RowKernels.using("baseline", solve))
      let best = try solve()
      let size = best.coefficients.reduce(0) { max($0, abs($1)) }
      #expect(zip(plain.coefficients, best.coefficients).allSatisfy { abs($0 - $1) <= 1e-12 * size })
      #expect(abs(plain.objectiveValue - best.objectiveValue) <= 1e-12 * abs(best.objectiveValue))
    }
  }

  @Test func bitsOfTheRowFactorDoNotDependOnThreads() throws {
    var sample = sample(.linear)
    sample.columns.append(zip(sample.columns[0], sample.columns[1]).map { $0 + $1 })
    let one = try fit(sample.design, FitSettings(objective: .linear), cancellation: never)
    let three = try fit(sample.design, FitSettings(objective: .linear, threads: 3), cancellation: never)
    #expect(one == three)
    #expect(one.solver == "cholesky → pivoted qr → svd")
  }

  @Test func treeReductionKeepsTheOrderOfBlocks() throws {
    for count in [1, 2, 3, 5, 8, 13] {
      let reduction = TreeReduction<String>(make: { "" }, merge: { $0 = "(\($0)\($1))" })
      let texts = try (1...3).map { threads in
        try reduction.run(count: count, threads: threads, cancellation: never) { index, text in text = "\(index)," }
      }
      #expect(texts[0] == texts[1] && texts[1] == texts[2])
      #expect(texts[0].filter { $0 != "(" && $0 != ")" } == (0..<count).map { "\($0)," }.joined())
    }
  }

  @Test func predictorsOfARowDoNotDependOnThreads() throws {
    let sample = sample(.logistic)
    let result = try fit(
      sample.design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.1)), cancellation: never)
    let one = try linearPredictors(of: result, on: sample.design, cancellation: never)
    let three = try linearPredictors(of: result, on: sample.design, threads: 3, cancellation: never)
    #expect(one == three)
    let expected = zip(result.coefficients, sample.columns).reduce(result.intercepts[0]) { $0 + $1.0 * $1.1[9_999] }
    #expect(abs(one[9_999] - expected) < 1e-14)
  }

  @Test func cancellationStopsTheFit() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: Cancelled.asked) {
      try fit(
        sample(.logistic).design, FitSettings(objective: .logistic, penalty: Penalty(l2: 1)), cancellation: cancellation
      )
    }
  }
}
