import Diagnostics
import Statistics
import Testing

@testable import Learning

/// Data that a careful user would not give: the right answer, or an error that says what is wrong.
struct OddDataTests {
  static let objectives: [Objective] = [.linear, .logistic, .poisson, .multinomial(classes: 3)]
  static let penalties = [Penalty(), Penalty(l2: 0.1), Penalty(l1: 0.05), Penalty(l1: 0.05, l2: 0.1)]

  /// 60 rows of three columns, with targets of the objective.
  private func sample(_ objective: Objective, rows: Int = 60, columns: Int = 3) -> Sample {
    var random = SeededGenerator(seed: 5)
    let values = (0..<columns).map { _ in (0..<rows).map { _ in normal(&random) } }
    let targets = (0..<rows).map { row -> Double in
      let score = values[0][row] + normal(&random)
      return switch objective {
      case .linear: score
      case .logistic: score > 0 ? 1 : 0
      case .poisson: max(0, (score + 1).rounded())
      case .multinomial: score < -0.5 ? 0 : score > 0.5 ? 2 : 1
      }
    }
    return Sample(columns: values, targets: targets)
  }

  private func error(_ sample: Sample, _ settings: FitSettings) -> LearningError? {
    do {
      _ = try fit(sample.design, settings, cancellation: never)
      return nil
    } catch { return error as? LearningError }
  }

  private func solve(_ sample: Sample, _ objective: Objective, _ penalty: Penalty = Penalty()) throws -> Fit {
    try fit(sample.design, FitSettings(objective: objective, penalty: penalty), cancellation: never)
  }

  @Test(arguments: objectives)
  func weightsAndOffsetsAreChecked(objective: Objective) {
    let plain = sample(objective)
    for penalty in Self.penalties {
      let settings = FitSettings(objective: objective, penalty: penalty)
      func weighted(_ weight: Double, at row: Int) -> Sample {
        var out = plain
        out.weights = plain.targets.indices.map { $0 == row ? weight : 1 }
        return out
      }
      for row in [0, 31, 59] {
        #expect(error(weighted(-1e-300, at: row), settings) == .negativeWeight)
        #expect(error(weighted(.nan, at: row), settings) == .nonFiniteWeight)
        #expect(error(weighted(.infinity, at: row), settings) == .nonFiniteWeight)
      }
      var none = plain
      none.weights = plain.targets.map { _ in 0 }
      #expect(error(none, settings) == .noWeight)
      for value in [Double.nan, .infinity, -.infinity] where objective == .poisson || objective == .linear {
        var offset = plain
        offset.offsets = plain.targets.indices.map { $0 == 17 ? value : 0 }
        #expect(error(offset, settings) == .nonFiniteOffset)
      }
    }
  }

  @Test(arguments: objectives)
  func valuesThatAreNotFiniteAreNamed(objective: Objective) {
    for penalty in Self.penalties {
      let settings = FitSettings(objective: objective, penalty: penalty, columnNames: ["a", "b", "c"])
      for (column, name) in [(1, "'b'"), (2, "'c'")] {
        var broken = sample(objective)
        broken.columns[column][40] = .nan
        #expect(error(broken, settings) == .nonFinite(column: name))
        broken.weights = broken.targets.map { _ in 2 }
        #expect(error(broken, settings) == .nonFinite(column: name))
      }
      // With more columns than rows too.
      var wide = sample(objective, rows: 12, columns: 20)
      wide.columns[19][11] = -.infinity
      #expect(error(wide, FitSettings(objective: objective, penalty: penalty)) == .nonFinite(column: "20"))
      var target = sample(objective)
      target.targets[59] = .nan
      #expect(error(target, settings) == .nonFiniteTarget)
    }
  }

  @Test func countsAreChecked() {
    var counts = sample(.poisson)
    let settings = FitSettings(objective: .poisson)
    counts.targets[7] = -1
    #expect(error(counts, settings) == .negativeCount)
    counts.targets = counts.targets.map { _ in 0 }
    #expect(error(counts, settings) == .noCounts)
    #expect(LearningError.noCounts.failure == .badInput)
  }

  @Test func oneClassIsAnError() {
    var one = sample(.logistic)
    one.targets = one.targets.map { _ in 1 }
    for penalty in Self.penalties {
      #expect(error(one, FitSettings(objective: .logistic, penalty: penalty)) == .emptyClass(0))
    }
    // Rows without weight are no rows.
    var hidden = sample(.logistic)
    hidden.weights = hidden.targets
    #expect(error(hidden, FitSettings(objective: .logistic)) == .emptyClass(0))
  }

  @Test(arguments: penalties)
  func constantTargetsHaveNoCoefficients(penalty: Penalty) throws {
    for (rows, columns) in [(60, 3), (12, 20)] {
      var flat = sample(.linear, rows: rows, columns: columns)
      flat.targets = flat.targets.map { _ in 0.1 }
      let linear = try solve(flat, .linear, penalty)
      #expect(linear.coefficients.allSatisfy { $0 == 0 } && linear.intercepts == [0.1] && linear.converged)
      #expect(linear.objectiveValue == 0)
    }
    var counts = sample(.poisson)
    counts.targets = counts.targets.map { _ in 3 }
    let poisson = try solve(counts, .poisson, penalty)
    #expect(poisson.coefficients.allSatisfy { abs($0) < 1e-12 } && poisson.converged)
    #expect(abs(poisson.intercepts[0] - 1.0986122886681098) < 1e-14)
  }

  @Test(arguments: objectives)
  func moreColumnsThanRowsHaveAPenalisedMinimum(objective: Objective) throws {
    for penalty in Self.penalties where !penalty.isNone {
      let wide = sample(objective, rows: 14, columns: 40)
      let result = try solve(wide, objective, penalty)
      #expect(result.converged)
      let plain = PlainObjective(objective: objective, penalty: penalty, sample: wide)
      #expect(plain.violation(result.coefficients, result.intercepts, intercept: true) < 1e-6)
    }
  }

  /// Columns much alike, many more of them than rows, and little to hold them down: most of the way is finding which to use.
  @Test(arguments: objectives)
  func manyColumnsMuchAlikeHaveAnL1Minimum(objective: Objective) throws {
    var wide = sample(objective, rows: 20, columns: objective.outputs > 1 ? 40 : 90)
    let common = sample(objective, rows: 20).columns[2]
    wide.columns = wide.columns.map { column in zip(column, common).map { $0 / 10 + $1 } }
    let largest = try prepare(wide.design, FitSettings(objective: objective), cancellation: never)
      .largestL1(cancellation: never)
    let penalty = Penalty(l1: largest / 1000)
    let result = try solve(wide, objective, penalty)
    #expect(result.converged)
    #expect(result.coefficients.filter { $0 != 0 }.count <= 20 * objective.outputs)
    let plain = PlainObjective(objective: objective, penalty: penalty, sample: wide)
    #expect(plain.violation(result.coefficients, result.intercepts, intercept: true) < 1e-7)
  }

  /// A column twice: the penalised minimum shares its coefficient (l2) or has the same predictors (l1).
  @Test(arguments: objectives)
  func repeatedColumnsAreNoObstacle(objective: Objective) throws {
    for penalty in Self.penalties {
      let once = sample(objective)
      var twice = once
      twice.columns.append(once.columns[0])
      twice.columns.append(zip(once.columns[0], once.columns[1]).map { $0 + $1 })
      let result = try solve(twice, objective, penalty)
      #expect(result.converged)
      let plain = PlainObjective(objective: objective, penalty: penalty, sample: twice)
      #expect(plain.violation(result.coefficients, result.intercepts, intercept: true) < 1e-7)
      if penalty.isNone {
        #expect(!result.notes.isEmpty)
        let plain = try solve(once, objective)
        let ours = try linearPredictors(of: result, on: twice.design, cancellation: never)
        let theirs = try linearPredictors(of: plain, on: once.design, cancellation: never)
        #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-8 })
      }
    }
  }

  /// One column in 1e12 of its unit and one in 1e-12.
  @Test(arguments: objectives)
  func hugeAndTinyColumnsStandSideBySide(objective: Objective) throws {
    let units = [1e-12, 1e12, 1]
    let plain = sample(objective)
    var odd = plain
    odd.columns = zip(plain.columns, units).map { column, unit in column.map { $0 * unit } }
    let expected = try solve(plain, objective)
    let result = try solve(odd, objective)
    #expect(result.converged && expected.converged)
    for (index, coefficient) in result.coefficients.enumerated() {
      #expect(abs(coefficient * units[index % 3] - expected.coefficients[index]) < 1e-9)
    }
    for penalty in Self.penalties where !penalty.isNone {
      let result = try solve(odd, objective, penalty)
      #expect(result.converged)
      let plain = PlainObjective(objective: objective, penalty: penalty, sample: odd)
      #expect(plain.violation(result.coefficients, result.intercepts, intercept: true) < 1e-7)
    }
  }

  @Test func oneRowIsFitted() throws {
    for penalty in Self.penalties {
      let linear = try solve(Sample(columns: [[5], [7]], targets: [3]), .linear, penalty)
      #expect(linear.coefficients == [0, 0] && linear.intercepts == [3] && linear.converged)
      let poisson = try solve(Sample(columns: [[5], [7]], targets: [4]), .poisson, penalty)
      #expect(poisson.coefficients == [0, 0] && poisson.converged)
      #expect(abs(poisson.intercepts[0] - 1.3862943611198906) < 1e-14)
    }
    #expect(error(Sample(columns: [[5]], targets: [1]), FitSettings(objective: .logistic)) == .emptyClass(0))
  }

  @Test func hugeCountsAreFitted() throws {
    var counts = sample(.poisson)
    counts.targets = counts.targets.map { ($0 + 1) * 1e9 }
    for penalty in Self.penalties {
      let scaled = Penalty(l1: penalty.l1 * 1e9, l2: penalty.l2 * 1e9)
      let result = try solve(counts, .poisson, scaled)
      #expect(result.converged)
      var small = counts
      small.targets = counts.targets.map { $0 / 1e9 }
      let expected = try solve(small, .poisson, penalty)
      #expect(zip(result.coefficients, expected.coefficients).allSatisfy { abs($0 - $1) < 1e-7 })
      #expect(abs(result.intercepts[0] - expected.intercepts[0] - 20.72326583694641) < 1e-7)
    }
  }

  @Test(arguments: objectives)
  func enoughL1LeavesTheInterceptAlone(objective: Objective) throws {
    for (rows, columns) in [(60, 3), (14, 40)] {
      let sample = sample(objective, rows: rows, columns: columns)
      let settings = FitSettings(objective: objective)
      let largest = try prepare(sample.design, settings, cancellation: never).largestL1(cancellation: never)
      let plain = PlainObjective(objective: objective, penalty: Penalty(), sample: sample)
      let null = plain.nullModel(intercept: true)
      let gradient = plain.gradient(null.coefficients, null.intercepts).coefficients
      #expect(abs(largest / (gradient.map(abs).max() ?? 0) - 1) < 1e-12)
      for l1 in [largest * (1 + 1e-12), largest * 1e6] {
        let result = try solve(sample, objective, Penalty(l1: l1))
        #expect(result.coefficients.allSatisfy { $0 == 0 } && result.converged)
        let common = null.intercepts.count > 1 ? mean(null.intercepts) : 0
        #expect(zip(result.intercepts, null.intercepts).allSatisfy { abs($0 - ($1 - common)) < 1e-12 })
      }
      let less = try solve(sample, objective, Penalty(l1: largest * 0.999))
      #expect(less.coefficients.contains { $0 != 0 } && less.converged)
    }
  }

  @Test(arguments: objectives)
  func hardlyAnyL1IsNone(objective: Objective) throws {
    let sample = sample(objective)
    let expected = try solve(sample, objective)
    // A softmax is told apart from its shifts by the absolute values alone.
    let l1 = objective.outputs == 1 ? 1e-14 : 1e-10
    let result = try solve(sample, objective, Penalty(l1: l1))
    #expect(result.converged)
    #expect(abs(result.objectiveValue - expected.objectiveValue) < 100 * l1 + 1e-12)
    if objective.outputs == 1 {
      #expect(zip(result.coefficients, expected.coefficients).allSatisfy { abs($0 - $1) < 1e-7 })
    }
  }

  /// Separation is proved by margins, on samples of the rows too.
  @Test(arguments: [200, 70_000])
  func separationIsReported(count: Int) throws {
    var random = SeededGenerator(seed: 9)
    let x = (0..<count).map { _ in random.nextUnit() * 2 - 1 }
    let noise = (0..<count).map { _ in random.nextUnit() }
    let separable = Sample(columns: [x, noise], targets: x.map { $0 > 0.1 ? 1 : 0 })
    let result = try solve(separable, .logistic)
    #expect(!result.converged && result.coefficients.allSatisfy(\.isFinite))
    #expect(
      result.notes.contains {
        $0.contains("alone separates the classes") || $0.contains("together separate the classes")
      })
    let penalised = try solve(separable, .logistic, Penalty(l2: 1e-4))
    #expect(penalised.converged && penalised.notes.isEmpty)
  }

  /// Counts that are all 0 where a column is 1.
  @Test func columnWithoutCountsIsReported() throws {
    let sample = Sample(columns: [[0, 0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 2, 3, 1]], targets: [1, 3, 2, 4, 0, 0, 0])
    let result = try fit(
      sample.design, FitSettings(objective: .poisson, columnNames: ["flag", "x"]), cancellation: never)
    #expect(!result.converged)
    #expect(result.notes.contains { $0.hasPrefix("column 'flag' separates counts of 0") })
  }
}
