import Basics
import Foundation
import Statistics
import Testing

@testable import Learning

/// A data set of `Fixtures/glm` with its reference, whose README says how it was made.
private struct ReferenceModel {
  let entry: JSON
  let source: DenseDesign
  let settings: FitSettings
  let fit: Fit
  var request: StatisticsRequest

  init(_ name: String, _ covariance: CovarianceKind = .classical, threads: Int = 1, copies: Int = 1) throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/glm/reference", withExtension: "json"))
    entry = try #require(try JSON(parsing: Array(Data(contentsOf: url)))[name])
    var sample = try Sample("glm/" + name)
    let hasOffsets = entry["offset"]?.boolValue == true
    let hasWeights = entry["weights"]?.boolValue == true
    let offsets = hasOffsets ? sample.columns.removeLast() : nil
    let weights = hasWeights ? sample.columns.removeLast() : nil
    func repeated(_ values: [Double]) -> [Double] { (0..<copies).flatMap { _ in values } }
    source = DenseDesign(
      columnCount: sample.columns.count, values: sample.columns.flatMap(repeated), targets: repeated(sample.targets),
      weights: weights.map(repeated), offsets: offsets.map(repeated))
    let objective: Objective =
      switch entry["objective"]?.stringValue {
      case "linear": .linear
      case "logistic": .logistic
      case "poisson": .poisson
      default: .multinomial(classes: try #require(entry["classes"]?.intValue))
      }
    settings = FitSettings(objective: objective, threads: threads)
    fit = Fit(
      coefficients: numbers(entry, "coefficients"), intercepts: numbers(entry, "intercepts"), objectiveValue: 0,
      gradientNorm: 0, iterations: 1, converged: true, solver: "given", notes: [])
    request = StatisticsRequest(
      covariance: covariance, weights: entry["weights_are"]?.stringValue == "frequency" ? .frequency : .precision)
  }

  func statistics() throws -> FitStatistics {
    try fitStatistics(of: fit, on: source, settings, request, cancellation: Cancellation())
  }

  /// Errors in the order of the reference: outputs one after the other, the intercept first.
  func expectErrors(_ key: String, tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let covariance = try #require(try statistics().covariance, sourceLocation: sourceLocation)
    let errors = covariance.standardErrors()
    let expected = numbers(entry, key)
    #expect(errors.count == expected.count, sourceLocation: sourceLocation)
    for (ours, theirs) in zip(errors, expected) {
      #expect(abs((ours ?? .nan) / theirs - 1) < tolerance, "\(key)", sourceLocation: sourceLocation)
    }
  }

  func expect(_ key: String, _ ours: Double?, _ tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation) {
    guard let theirs = entry[key]?.doubleValue else { return }
    #expect(
      abs((ours ?? .nan) / theirs - 1) < tolerance, "\(key) \(ours ?? .nan) \(theirs)", sourceLocation: sourceLocation)
  }
}

private func numbers(_ entry: JSON, _ key: String) -> [Double] {
  (entry[key]?.arrayValue ?? []).compactMap(\.doubleValue)
}

struct FitStatisticsTests {
  static let models = [
    "longley", "stackloss", "statecrime", "ccard", "ccard_weighted", "spector", "fair", "fair_counts", "randhie",
    "randhie_counts", "randhie_rates", "cpunish", "anes96",
  ]

  @Test(arguments: models) func standardErrorsEqualReference(_ name: String) throws {
    try ReferenceModel(name).expectErrors("standard_errors", tolerance: 1e-9)
  }

  @Test(arguments: models) func robustErrorsEqualReference(_ name: String) throws {
    try ReferenceModel(name, .hc1).expectErrors("hc1", tolerance: 1e-9)
    if name == "anes96" {
      #expect(throws: LearningError.self) { _ = try ReferenceModel(name, .hc3).statistics() }
    } else {
      try ReferenceModel(name, .hc3).expectErrors("hc3", tolerance: 1e-9)
    }
  }

  @Test(arguments: models) func likelihoodsEqualReference(_ name: String) throws {
    let model = try ReferenceModel(name)
    let statistics = try model.statistics()
    model.expect("deviance", statistics.deviance, 1e-10)
    model.expect("null_deviance", statistics.nullDeviance, 1e-10)
    model.expect("log_likelihood", statistics.logLikelihood, 1e-10)
    model.expect("aic", statistics.aic, 1e-10)
    model.expect("bic", statistics.bic, 1e-10)
    model.expect("df_residual", statistics.residualDegreesOfFreedom, 1e-15)
    model.expect("scale", statistics.scale, 1e-10)
    if statistics.pearson != nil { model.expect("pearson_chi2", statistics.pearson, 1e-10) }
    let suffix = model.source.hasWeights ? "_weighted" : ""
    model.expect("condition_number" + suffix, statistics.conditionNumber, 1e-9)
    let inflation = numbers(model.entry, "vif" + suffix)
    #expect(inflation.count == statistics.inflation.count)
    for (ours, theirs) in zip(statistics.inflation, inflation) { #expect(abs((ours ?? 0) / theirs - 1) < 1e-9) }
  }

  @Test(arguments: ["stackloss", "spector", "randhie_rates", "anes96"])
  func testsAndIntervalsEqualReference(_ name: String) throws {
    let model = try ReferenceModel(name)
    let statistics = try model.statistics()
    let errors = try #require(statistics.covariance).standardErrors()
    let columns = model.source.columnCount
    let estimates = model.fit.intercepts.indices.flatMap { output in
      [model.fit.intercepts[output]] + model.fit.coefficients[output * columns..<(output + 1) * columns]
    }
    let distribution = statistics.distribution
    let quantile = distribution.twoSidedQuantile(0.05)
    let expected = ["z", "p", "ci_low", "ci_high"].map { numbers(model.entry, $0) }
    for (index, estimate) in estimates.enumerated() {
      let error = try #require(errors[index])
      let ours = [
        estimate / error, distribution.twoSided(estimate / error), estimate - quantile * error,
        estimate + quantile * error,
      ]
      for (ours, theirs) in zip(ours, expected.map { $0[index] }) {
        #expect(ours == theirs || abs(ours / theirs - 1) < 1e-8)
      }
    }
  }

  /// Through the Gram matrix, which large problems take, unless it is ill-conditioned.
  @Test(arguments: models, [CovarianceKind.classical, .hc1, .hc3])
  func largeProblemsHaveTheSameErrors(_ name: String, _ covariance: CovarianceKind) throws {
    if name == "anes96", covariance == .hc3 { return }
    var model = try ReferenceModel(name, covariance)
    model.request.smallProblem = 0
    try model.expectErrors(covariance == .classical ? "standard_errors" : covariance.rawValue, tolerance: 1e-8)
    let statistics = try model.statistics()
    model.expect("deviance", statistics.deviance, 1e-9)
    model.expect("log_likelihood", statistics.logLikelihood, 1e-10)
    let suffix = model.source.hasWeights ? "_weighted" : ""
    model.expect("condition_number" + suffix, statistics.conditionNumber, 1e-8)
    for (ours, theirs) in zip(statistics.inflation, numbers(model.entry, "vif" + suffix)) {
      #expect(abs((ours ?? 0) / theirs - 1) < 1e-8)
    }
  }

  /// tr(X(XᵀX + nλI)⁻¹Xᵀ) of standardised columns is 1 + Σ d²/(d² + nλ) over the eigenvalues of their correlation.
  @Test func ridgeHasAnEffectiveNumberOfCoefficients() throws {
    let sample = try Sample("diabetes").standardised
    let settings = FitSettings(objective: .linear, penalty: Penalty(l2: 0.1))
    let fit = try fit(sample.design, settings, cancellation: Cancellation())
    for small in [0, 0x1p60] {
      var request = StatisticsRequest()
      request.smallProblem = small
      let statistics = try fitStatistics(
        of: fit, on: sample.design, settings, request, cancellation: Cancellation())
      #expect(abs((statistics.effectiveDegreesOfFreedom ?? 0) - 8.641725334910472) < 1e-10)
      #expect(statistics.covariance == nil)
      #expect(statistics.unavailable == "the coefficients are shrunk by a penalty")
      #expect(statistics.parameters == nil)
    }
  }

  @Test func dependentColumnsAreNamedAndTheOthersHaveErrors() throws {
    var sample = try Sample("diabetes")
    let expected = try statistics(of: sample).covariance?.standardErrors() ?? []
    // Column 2 + 2 · column 3 − 1, and a constant.
    sample.columns.append(zip(sample.columns[2], sample.columns[3]).map { $0 + 2 * $1 - 1 })
    sample.columns.append(sample.targets.map { _ in 7 })
    for small in [0, 0x1p60] {
      let found = try statistics(of: sample, small: small)
      #expect(found.dependencies == [FitStatistics.Dependency(column: 10, others: [2, 3])])
      #expect(found.constantColumns == [11])
      #expect(found.parameters == 11)
      #expect(found.conditionNumber == FitStatistics.singularCondition)
      let errors = try #require(found.covariance).standardErrors()
      for (index, error) in errors.enumerated() {
        if [0, 3, 4, 11, 12].contains(index) {
          // What the rows do not determine: the columns of the dependency, and with them the intercept.
          #expect(error == nil)
        } else {
          #expect(abs((error ?? 0) / (expected[index] ?? 1) - 1) < 1e-9)
        }
      }
    }
  }

  @Test func asManyCoefficientsAsRowsHaveNoErrors() throws {
    let sample = Sample(columns: [[1, 2, 4], [1, 0, 3]], targets: [1, 5, 2])
    let found = try statistics(of: sample)
    #expect(found.covariance == nil)
    #expect(found.unavailable == "there are as many coefficients as rows")
    #expect(found.residualDegreesOfFreedom == 0)
    let wide = Sample(columns: [[1, 2], [1, 0], [3, 1], [0, 2]], targets: [1, 5])
    #expect(try statistics(of: wide).covariance == nil)
  }

  /// Rows of weight 0 are no observations; a weight of 2 that is a frequency is a row twice.
  @Test func weightsMeanWhatTheyAreSaidTo() throws {
    let sample = try Sample("diabetes")
    let positions = sample.targets.indices.flatMap { [Int](repeating: $0, count: $0 % 3) }
    let repeated = Sample(
      columns: sample.columns.map { column in positions.map { column[$0] } },
      targets: positions.map { sample.targets[$0] })
    let weighted = DenseDesign(
      columnCount: 10, values: sample.columns.flatMap { $0 }, targets: sample.targets,
      weights: sample.targets.indices.map { Double($0 % 3) })
    let settings = FitSettings(objective: .linear)
    let fit = try fit(repeated.design, settings, cancellation: Cancellation())
    for covariance in CovarianceKind.allCases {
      let first = try fitStatistics(
        of: fit, on: repeated.design, settings, StatisticsRequest(covariance: covariance), cancellation: Cancellation())
      let second = try fitStatistics(
        of: fit, on: weighted, settings, StatisticsRequest(covariance: covariance, weights: .frequency),
        cancellation: Cancellation())
      #expect(first.observations == second.observations)
      #expect(abs(first.logLikelihood / second.logLikelihood - 1) < 1e-12)
      for (left, right) in zip(first.covariance?.standardErrors() ?? [], second.covariance?.standardErrors() ?? []) {
        #expect(abs((left ?? 0) / (right ?? 1) - 1) < 1e-9)
      }
    }
    let precise = try fitStatistics(
      of: fit, on: weighted, settings, StatisticsRequest(), cancellation: Cancellation())
    #expect(precise.rows == sample.targets.indices.count { $0 % 3 > 0 })
    #expect(precise.observations == Double(precise.rows))
  }

  /// The same model in other units: the errors on the original scale are those of a fit there.
  @Test func errorsOnTheOriginalScaleAreThoseOfAFitThere() throws {
    let original = try Sample("breast_cancer")
    let chosen = Sample(columns: [1, 4, 9, 21].map { original.columns[$0] }, targets: original.targets)
    let settings = FitSettings(objective: .logistic)
    let scales = chosen.columns.map { column in
      let centre = column.reduce(0, +) / Double(column.count)
      let square = column.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(column.count)
      return (centre, 1 / square.squareRoot())
    }
    for covariance in CovarianceKind.allCases {
      let errors = try [chosen, chosen.standardised].map { sample in
        let fit = try fit(sample.design, settings, cancellation: Cancellation())
        let found = try fitStatistics(
          of: fit, on: sample.design, settings, StatisticsRequest(covariance: covariance),
          cancellation: Cancellation())
        let covariance = try #require(found.covariance)
        return sample.columns == chosen.columns
          ? covariance.standardErrors()
          : covariance.standardErrors(offsets: scales.map(\.0), factors: scales.map(\.1))
      }
      #expect(errors[0].count == 5)
      for (left, right) in zip(errors[0], errors[1]) { #expect(abs((left ?? 0) / (right ?? 1) - 1) < 1e-7) }
    }
  }

  /// What a penalised classifier finds on its way is what passes over the rows of the finished fit find, which are held to
  /// references elsewhere.
  @Test(arguments: ["breast_cancer", "wine"], [false, true])
  func statisticsFoundOnTheWayAreThoseOfPassesAfterwards(_ name: String, _ isWeighted: Bool) throws {
    var sample = try Sample(name)
    sample.columns = Array(sample.columns.prefix(9))
    // A constant column, which statistics leave out, and one far from 0.
    sample.columns.insert([Double](repeating: 3, count: sample.targets.count), at: 2)
    sample.columns[5] = sample.columns[5].map { $0 + 50 }
    if isWeighted { sample.weights = sample.targets.indices.map { Double($0 % 4) / 2 } }
    for intercept in [true, false] {
      var settings = FitSettings(
        objective: name == "wine" ? .multinomial(classes: 3) : .logistic, penalty: Penalty(l2: 0.01),
        intercept: intercept, tolerance: 1e-12)
      func statistics() throws -> (passed: Bool, found: FitStatistics) {
        let fit = try fit(sample.design, settings, cancellation: Cancellation())
        let found = try fitStatistics(
          of: fit, on: sample.design, settings, StatisticsRequest(), cancellation: Cancellation())
        return (fit.passed != nil, found)
      }
      let afterwards = try statistics()
      settings.statisticsFollow = true
      let onTheWay = try statistics()
      #expect(!afterwards.passed && onTheWay.passed)
      let (left, right) = (onTheWay.found, afterwards.found)
      func expectClose(_ left: Double?, _ right: Double?, _ tolerance: Double) {
        #expect((left == nil) == (right == nil))
        if let left, let right { #expect(abs(left / right - 1) < tolerance, "\(left), \(right)") }
      }
      expectClose(left.deviance, right.deviance, 1e-11)
      expectClose(left.logLikelihood, right.logLikelihood, 1e-11)
      expectClose(left.pearson, right.pearson, 1e-9)
      expectClose(left.conditionNumber, right.conditionNumber, 1e-6)
      for (left, right) in zip(left.inflation, right.inflation) { expectClose(left, right, 1e-7) }
      #expect(left.constantColumns == right.constantColumns && left.dependencies == right.dependencies)
    }
  }

  private func statistics(of sample: Sample, small: Double = 0x1p26) throws -> FitStatistics {
    let settings = FitSettings(objective: .linear)
    var request = StatisticsRequest()
    request.smallProblem = small
    let fit = try fit(sample.design, settings, cancellation: Cancellation())
    return try fitStatistics(of: fit, on: sample.design, settings, request, cancellation: Cancellation())
  }

  /// Several blocks of rows: the same bits with any number of threads, and those of frequencies but for rounding.
  @Test(arguments: ["fair", "randhie", "longley", "randhie_rates"], [CovarianceKind.classical, .hc3])
  func threadsDoNotChangeABit(_ name: String, _ covariance: CovarianceKind) throws {
    for small in [0, 0x1p60] {
      var single: [[Double?]] = []
      for threads in 1...3 {
        let rows = try ReferenceModel(name).source.rowCount
        var model = try ReferenceModel(name, covariance, threads: threads, copies: 20_000 / rows)
        model.request.smallProblem = small
        let statistics = try model.statistics()
        let errors = try #require(statistics.covariance).standardErrors()
        single.append(errors + [statistics.deviance, statistics.logLikelihood] + statistics.inflation)
      }
      #expect(single[0] == single[1] && single[0] == single[2])
    }
  }
}
