import LinearAlgebra
import Statistics
import Testing

@testable import Learning

struct ClassificationTests {
  @Test func breastCancerEqualsScikitLearn() throws {
    let reference = try Reference("breast_cancer_logistic")
    let result = try fit(
      Sample("breast_cancer").standardised.design,
      FitSettings(objective: .logistic, penalty: Penalty(l2: reference.l2)),
      cancellation: never)
    reference.expectEqual(result, tolerance: 1e-10)
    #expect(result.solver == "newton (cholesky)")
  }

  @Test func unpenalisedLogisticEqualsNumpy() throws {
    let reference = try Reference("breast_cancer_unpenalised")
    var sample = try Sample("breast_cancer").standardised
    sample.columns = Array(sample.columns[..<5])
    let result = try fit(sample.design, FitSettings(objective: .logistic), cancellation: never)
    reference.expectEqual(result, tolerance: 1e-9)
    #expect(result.notes.isEmpty)
  }

  @Test func wineEqualsScikitLearn() throws {
    let reference = try Reference("wine_multinomial")
    let result = try fit(
      Sample("wine").standardised.design,
      FitSettings(objective: .multinomial(classes: 3), penalty: Penalty(l2: reference.l2)),
      cancellation: never)
    reference.expectEqual(result, tolerance: 1e-10)
  }

  @Test func unpenalisedSoftmaxIsCentredOverTheClasses() throws {
    let reference = try Reference("wine_unpenalised")
    var sample = try Sample("wine").standardised
    sample.columns = Array(sample.columns[1..<3])
    let result = try fit(sample.design, FitSettings(objective: .multinomial(classes: 3)), cancellation: never)
    reference.expectEqual(result, tolerance: 1e-9)
    #expect(result.notes.isEmpty)
  }

  @Test func moreColumnsThanRowsEqualNumpy() throws {
    let reference = try Reference("wide_logistic")
    let result = try fit(
      Sample("wide_classes").design, FitSettings(objective: .logistic, penalty: Penalty(l2: reference.l2)),
      cancellation: never)
    reference.expectEqual(result, tolerance: 1e-9)
  }

  /// Two classes by softmax with penalty λ are the binary model with λ/2, since each class gets half of the
  /// coefficients.
  @Test func softmaxOfTwoClassesIsTheBinaryModel() throws {
    let design = try Sample("breast_cancer").standardised.design
    let binary = try fit(design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.05)), cancellation: never)
    let softmax = try fit(
      design, FitSettings(objective: .multinomial(classes: 2), penalty: Penalty(l2: 0.1)), cancellation: never)
    for (column, coefficient) in binary.coefficients.enumerated() {
      #expect(abs(softmax.coefficients[30 + column] * 2 - coefficient) < 1e-10)
    }
    #expect(abs(softmax.objectiveValue - binary.objectiveValue) < 1e-13)
  }

  @Test func limitedMemoryBFGSFindsTheSameMinimum() throws {
    let sample = try Sample("wine").standardised
    let settings = FitSettings(objective: .multinomial(classes: 3), penalty: Penalty(l2: 0.01))
    let expected = try Reference("wine_multinomial")
    let loss = lossProblem(sample, .softmax(3), penalties: [0] + [Double](repeating: 0.01, count: 13))
    let minimum = try LimitedMemoryBFGS.minimise(
      loss, from: [Double](repeating: 0, count: 42), curvatures: [Double](repeating: 0.2, count: 42),
      StoppingRule(gradientNorm: 1e-10, maximumIterations: 500, isUnbounded: { _ in false }), cancellation: never)
    #expect(euclideanNorm(minimum.evaluation.gradient) <= 1e-9)
    #expect(abs(minimum.evaluation.value - expected.value) < 1e-13)
    let newton = try fit(sample.design, settings, cancellation: never)
    for output in 0..<3 {
      for column in 0..<13 {
        #expect(abs(minimum.point[output * 14 + 1 + column] - newton.coefficients[output * 13 + column]) < 1e-7)
      }
    }
  }

  @Test(arguments: [Loss.logistic, .poisson, .softmax(3)])
  func gradientAndHessianEqualFiniteDifferences(kind: Loss) throws {
    var sample = try Sample(kind == .softmax(3) ? "wine" : "breast_cancer").standardised
    sample.columns = Array(sample.columns[..<3])
    let loss = lossProblem(sample, kind, penalties: [0, 0.1, 0.2, 0.3])
    let outputs = kind.outputs
    var generator = SeededGenerator(seed: 4)
    let point = (0..<loss.dimension).map { _ in generator.nextUnit() - 0.5 }
    func evaluated(_ point: [Double], hessian: Bool = false) throws -> Evaluation {
      var evaluation = Evaluation(dimension: loss.dimension)
      try loss.evaluate(at: point, loss.everything, hessian: hessian, into: &evaluation, cancellation: never)
      return evaluation
    }
    let here = try evaluated(point, hessian: true)
    let hessian = here.hessian
    let step = 1e-5
    for index in point.indices {
      var (before, after) = (point, point)
      before[index] -= step
      after[index] += step
      let low = try evaluated(before)
      let high = try evaluated(after)
      #expect(abs((high.value - low.value) / (2 * step) - here.gradient[index]) < 1e-9)
      for row in 0...index {
        var expected = (high.gradient[row] - low.gradient[row]) / (2 * step)
        if outputs > 1, row % 4 == index % 4 {
          // The term that ties the classes together: the mean curvature of the column, divided by the classes.
          let own = (0..<outputs).map { hessian[$0 * 4 + row % 4, $0 * 4 + row % 4] }.reduce(0, +)
          let tie = own / Double(outputs) / (1 + 1 / Double(outputs)) / Double(outputs)
          expected += tie
        }
        #expect(abs(expected - hessian[row, index]) < 1e-8)
      }
    }
  }

  @Test func perfectSeparationIsReported() throws {
    let sample = Sample(columns: [[1, 2, 3, 10, 11, 12], [5, 3, 4, 4, 5, 3]], targets: [0, 0, 0, 1, 1, 1])
    let result = try fit(sample.design, FitSettings(objective: .logistic), cancellation: never)
    #expect(!result.converged)
    #expect(
      result.notes == [
        "column 1 alone separates the classes: every row of class 2 lies above all others: "
          + "without a penalty the coefficients grow without bound"
      ])
    #expect(result.coefficients.allSatisfy { $0.isFinite })
    let penalised = try fit(
      sample.design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.01)), cancellation: never)
    #expect(penalised.converged)
  }

  @Test(arguments: [Objective.logistic, .multinomial(classes: 2)])
  func moreColumnsThanRowsAreSeparatedWithoutAPenalty(objective: Objective) throws {
    let result = try fit(Sample("wide_classes").design, FitSettings(objective: objective), cancellation: never)
    #expect(!result.converged)
    #expect(
      result.notes.contains {
        $0.contains("separate") && $0.hasSuffix("without a penalty the coefficients grow without bound")
      })
    #expect(result.coefficients.allSatisfy { $0.isFinite && abs($0) < 1e3 })
  }

  /// Too many coefficients for a Hessian: 2100 products of columns of 60 rows.
  @Test func manyColumnsTakeLimitedMemoryBFGS() throws {
    var sample = try Sample("breast_cancer").standardised.rows { $0 < 60 }
    let base = sample.columns
    sample.columns = (0..<2100).map { (index: Int) -> [Double] in
      let (left, right) = (base[index % 30], base[index * 7 % 29])
      return left.indices.map { left[$0] * (right[$0] + Double(index % 5)) }
    }
    let result = try fit(
      sample.design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.5)), cancellation: never)
    #expect(result.solver == "l-bfgs")
    #expect(result.converged)
    // The minimum's own condition: coefficients are l2⁻¹ times the mean product of columns and residuals.
    let predictors = try linearPredictors(of: result, on: sample.design, cancellation: never)
    let residuals = predictors.indices.map { sample.targets[$0] - Elementary.logistic(predictors[$0]) }
    for column in stride(from: 0, to: 2100, by: 100) {
      let product = innerProduct(sample.columns[column], residuals) / 60
      #expect(abs(product / 0.5 - result.coefficients[column]) < 1e-7)
    }
  }

  /// Every row with x₁ = 1 is of class 1, the others are mixed.
  @Test func partialSeparationIsReportedWithItsColumn() throws {
    let sample = Sample(
      columns: [[0, 0, 0, 0, 0, 0, 1, 1], [1, 2, 3, 4, 5, 6, 2, 5]], targets: [0, 1, 0, 1, 0, 1, 1, 1])
    let result = try fit(
      sample.design, FitSettings(objective: .logistic, columnNames: ["flag", "x"]), cancellation: never)
    #expect(!result.converged)
    #expect(
      result.notes == [
        "column 'flag' separates the classes in part: every row where it is 1 is of class 2: "
          + "without a penalty the coefficients grow without bound"
      ])
  }

  @Test func collinearColumnsShareTheirWeight() throws {
    var sample = try Sample("breast_cancer").standardised
    sample.columns = Array(sample.columns[..<2])
    let plain = try fit(sample.design, FitSettings(objective: .logistic), cancellation: never)
    sample.columns.append(sample.columns[1])
    let result = try fit(sample.design, FitSettings(objective: .logistic), cancellation: never)
    #expect(abs(result.coefficients[0] - plain.coefficients[0]) < 1e-8)
    #expect(abs(result.coefficients[1] - plain.coefficients[1] / 2) < 1e-8)
    #expect(abs(result.coefficients[2] - plain.coefficients[1] / 2) < 1e-8)
    #expect(result.solver == "newton (cholesky → orthogonal columns)")
    #expect(result.converged)
  }

  @Test func noColumnsLeaveTheLogOdds() throws {
    let result = try fit(
      Sample(columns: [], targets: [1, 0, 0, 0]).design, FitSettings(objective: .logistic), cancellation: never)
    #expect(abs(result.intercepts[0] + 1.0986122886681098) < 1e-15)
    #expect(result.converged)
  }

  @Test func constantColumnHasNoWeight() throws {
    var sample = try Sample("breast_cancer").standardised
    sample.columns = [sample.columns[0], sample.targets.map { _ in 0.1 }]
    for l2 in [0, 0.1] {
      let result = try fit(
        sample.design, FitSettings(objective: .logistic, penalty: Penalty(l2: l2)), cancellation: never)
      #expect(result.coefficients[1] == 0)
      #expect(result.converged)
      #expect(result.notes == ["column 2 is constant: its coefficient is 0"])
    }
  }

  /// Multiplying a column by a power of two divides its unpenalised coefficient by it, bit for bit.
  @Test func unitsOfAColumnDoNotMatter() throws {
    var sample = try Sample("breast_cancer").standardised
    sample.columns = Array(sample.columns[..<3])
    let plain = try fit(sample.design, FitSettings(objective: .logistic), cancellation: never)
    sample.columns[1] = sample.columns[1].map { $0 * 0x1p40 }
    let scaled = try fit(sample.design, FitSettings(objective: .logistic), cancellation: never)
    #expect(scaled.coefficients[1] * 0x1p40 == plain.coefficients[1])
    #expect(scaled.coefficients[0] == plain.coefficients[0])
  }

  @Test func warmStartReachesTheSameMinimum() throws {
    let design = try Sample("breast_cancer").standardised.design
    let settings = FitSettings(objective: .logistic, penalty: Penalty(l2: 0.01))
    let first = try fit(design, FitSettings(objective: .logistic, penalty: Penalty(l2: 0.02)), cancellation: never)
    let warm = try fit(design, settings, start: first, cancellation: never)
    let cold = try fit(design, settings, cancellation: never)
    #expect(warm.iterations < cold.iterations)
    #expect(zip(warm.coefficients, cold.coefficients).allSatisfy { abs($0 - $1) < 1e-10 })
  }
}

/// The loss of a sample whose columns are taken as they are.
private func lossProblem(_ sample: Sample, _ loss: Loss, penalties: [Double]) -> LossProblem {
  let columns = sample.columns.count
  let frame = EncodedRows.Frame(
    centre: [Double](repeating: 0, count: columns), scale: [Double](repeating: 1, count: columns))
  let rows = EncodedRows(sample.design, frame: frame, intercept: true, memory: 1 << 20)
  let ones = [Double](repeating: 1, count: columns + 1)
  return LossProblem(
    rows, loss, penalties: penalties, metric: .init(means: ones.map { _ in 0 }, inverseDeviations: ones), threads: 1)
}
