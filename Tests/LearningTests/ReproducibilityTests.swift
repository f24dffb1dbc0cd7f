import Basics
import Statistics
import Testing

@testable import Learning

struct ReproducibilityTests {
  /// 10,000 rows: three blocks, the last of them short.
  private func sample(classes: Int?) -> Sample {
    var generator = SeededGenerator(seed: 21)
    let count = 10_000
    let columns = (0..<4).map { _ in (0..<count).map { _ in generator.nextUnit() * 2 - 1 } }
    let targets = (0..<count).map { row in
      let score = columns[0][row] - 2 * columns[1][row] + generator.nextUnit() * 2 - 1
      guard let classes else { return score }
      return Double(min(classes - 1, max(0, Int((score / 3 + 0.5) * Double(classes)))))
    }
    return Sample(columns: columns, targets: targets)
  }

  @Test(arguments: [Objective.linear, .logistic, .multinomial(classes: 3)])
  func bitsDoNotDependOnThreadsOrMemory(objective: Objective) throws {
    let classes: Int? = objective == .linear ? nil : objective == .logistic ? 2 : 3
    let design = sample(classes: classes).design
    let one = try fit(design, FitSettings(objective: objective, penalty: Penalty(l2: 0.01)), cancellation: never)
    for threads in 2...3 {
      let other = try fit(design, FitSettings(objective: objective, penalty: Penalty(l2: 0.01), threads: threads), cancellation: never)
      #expect(one == other)
    }
    let streamed = try fit(design, FitSettings(objective: objective, penalty: Penalty(l2: 0.01), memory: 0), cancellation: never)
    #expect(one == streamed)
    #expect(one.converged)
  }

  @Test func bitsOfTheRowFactorDoNotDependOnThreads() throws {
    var sample = sample(classes: nil)
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
    let sample = sample(classes: 2)
    let result = try fit(sample.design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.1)), cancellation: never)
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
      try fit(sample(classes: 2).design, FitSettings(objective: .logistic, penalty: Penalty(l2: 1)), cancellation: cancellation)
    }
  }
}
