import Basics
import Foundation
import Statistics
import Testing

@testable import Learning

/// The data of `Fixtures/sparse/sparse.json`, and what other programs made of them: see `make_sparse_reference.py` there.
struct SparseSample {
  let json: JSON
  var starts = [0]
  var columns: [Int32] = []
  var values: [Double] = []

  init() throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/sparse/sparse", withExtension: "json"))
    json = try JSON(parsing: Array(Data(contentsOf: url)))
    for row in try #require(json["rows"]?.arrayValue) {
      columns += (row.arrayValue?[0].arrayValue ?? []).compactMap { $0.intValue.map { Int32($0) } }
      values += (row.arrayValue?[1].arrayValue ?? []).compactMap(\.doubleValue)
      starts.append(columns.count)
    }
  }

  func numbers(_ key: String) throws -> [Double] { try #require(json[key]?.arrayValue).compactMap(\.doubleValue) }

  func design(_ target: String, weights: [Double]? = nil, offsets: [Double]? = nil) throws -> SparseDesign {
    SparseDesign(
      columnCount: json["columns"]?.intValue ?? 0, starts: starts, columns: columns, values: values,
      targets: try numbers(target), weights: weights, offsets: offsets)
  }

  /// The same rows with zeros written out.
  func dense(_ target: String) throws -> DenseDesign {
    let targets = try numbers(target)
    let width = json["columns"]?.intValue ?? 0
    var all = [Double](repeating: 0, count: width * targets.count)
    for row in targets.indices {
      for entry in starts[row]..<starts[row + 1] { all[Int(columns[entry]) * targets.count + row] = values[entry] }
    }
    return DenseDesign(columnCount: width, values: all, targets: targets)
  }
}

@Suite struct SparseReferenceTests {
  private func expectEqual(
    _ fit: Fit, _ sample: SparseSample, _ name: String, tolerance: Double, value: Double = 1e-12,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let entry = try #require(sample.json["fits"]?[name])
    let theirs = try #require(entry["coefficients"]?.arrayValue).compactMap(\.doubleValue)
    let difference = zip(fit.coefficients, theirs).map { abs($0 - $1) }.max() ?? .infinity
    #expect(difference < tolerance, sourceLocation: sourceLocation)
    let intercept = try #require(entry["intercept"]?.doubleValue)
    #expect(abs(fit.intercepts[0] - intercept) < tolerance, sourceLocation: sourceLocation)
    let objective = try #require(entry["value"]?.doubleValue)
    #expect(fit.objectiveValue - objective <= value * max(1, abs(objective)), sourceLocation: sourceLocation)
    #expect(fit.converged, "\(fit)", sourceLocation: sourceLocation)
  }

  @Test func smoothFitsAgreeWithPolishedReferences() throws {
    let sample = try SparseSample()
    func settings(_ objective: Objective, _ l2: Double, intercept: Bool = true) -> FitSettings {
      FitSettings(objective: objective, penalty: Penalty(l2: l2), intercept: intercept, tolerance: 1e-10)
    }
    let logistic = try fit(sample.design("labels"), settings(.logistic, 0.01), cancellation: never)
    try expectEqual(logistic, sample, "logistic", tolerance: 1e-8)
    let weighted = try fit(
      sample.design("labels", weights: sample.numbers("weights")), settings(.logistic, 0.01), cancellation: never)
    try expectEqual(weighted, sample, "weighted", tolerance: 1e-8)
    let poisson = try fit(sample.design("counts"), settings(.poisson, 0.05), cancellation: never)
    try expectEqual(poisson, sample, "poisson", tolerance: 1e-8)
    let linear = try fit(sample.design("numbers"), settings(.linear, 0.02), cancellation: never)
    try expectEqual(linear, sample, "linear", tolerance: 1e-8)
    let liblinear = try fit(
      sample.design("labels"), settings(.logistic, 1 / 300, intercept: false), cancellation: never)
    try expectEqual(liblinear, sample, "liblinear", tolerance: 1e-8)
    #expect(liblinear.intercepts == [0])
  }

  @Test func lassoFitsAgreeWithLIBLINEARAndScikitLearn() throws {
    let sample = try SparseSample()
    let logistic = try fit(
      sample.design("labels"),
      FitSettings(objective: .logistic, penalty: Penalty(l1: 1 / 300), intercept: false, tolerance: 1e-12),
      cancellation: never)
    try expectEqual(logistic, sample, "l1", tolerance: 1e-5, value: 1e-10)
    let elastic = try fit(
      sample.design("numbers"),
      FitSettings(objective: .linear, penalty: Penalty(l1: 0.07, l2: 0.03), tolerance: 1e-13), cancellation: never)
    try expectEqual(elastic, sample, "elastic", tolerance: 1e-6, value: 1e-12)
  }

  @Test func multinomialFitsAgreeWithTheDenseSolver() throws {
    let sample = try SparseSample()
    let settings = FitSettings(objective: .multinomial(classes: 3), penalty: Penalty(l2: 0.01), tolerance: 1e-9)
    let sparse = try fit(sample.design("classes"), settings, cancellation: never)
    let dense = try fit(sample.dense("classes"), settings, cancellation: never)
    #expect(sparse.converged && dense.converged)
    #expect(abs(sparse.objectiveValue - dense.objectiveValue) < 1e-12)
    for (ours, theirs) in zip(sparse.coefficients + sparse.intercepts, dense.coefficients + dense.intercepts) {
      #expect(abs(ours - theirs) < 1e-6)
    }
  }

  /// Held against the dense solver, an algorithm of its own, and against scikit-learn's SAGA.
  @Test(arguments: ["l1", "elastic"]) func multinomialLassoFitsAgree(name: String) throws {
    let sample = try SparseSample()
    let entry = try #require(sample.json["multinomial"]?[name])
    let penalty = Penalty(
      l1: try #require(entry["l1"]?.doubleValue), l2: try #require(entry["l2"]?.doubleValue))
    func settings(_ tolerance: Double) -> FitSettings {
      FitSettings(objective: .multinomial(classes: 3), penalty: penalty, tolerance: tolerance)
    }
    let sparse = try fit(sample.design("classes"), settings(1e-12), cancellation: never)
    let dense = try fit(sample.dense("classes"), settings(1e-10), cancellation: never)
    #expect(sparse.converged && dense.converged, "\(sparse.notes)")
    #expect(abs(sparse.objectiveValue - dense.objectiveValue) < 1e-11)
    #expect(sparse.objectiveValue <= (try #require(entry["value"]?.doubleValue)) + 1e-11)
    let theirs = try #require(entry["coefficients"]?.arrayValue).compactMap(\.doubleValue)
    #expect(theirs.count == sparse.coefficients.count)
    for index in theirs.indices {
      #expect(abs(sparse.coefficients[index] - dense.coefficients[index]) < 1e-5)
      #expect(abs(sparse.coefficients[index] - theirs[index]) < 1e-4)
    }
  }

  /// The slope of the objective by each coefficient of each class, taken by hand from the definition.
  @Test func conditionsOfTheMinimumOfClassesHold() throws {
    let sample = try SparseSample()
    let targets = try sample.numbers("classes")
    for (l1, l2, intercept) in [(0.01, 0.0, true), (0.02, 0.05, true), (0.003, 0.001, false)] {
      let design = try sample.design("classes")
      let result = try fit(
        design,
        FitSettings(
          objective: .multinomial(classes: 3), penalty: Penalty(l1: l1, l2: l2), intercept: intercept,
          tolerance: 1e-13), cancellation: never)
      #expect(result.converged && result.dualityGap ?? 1 <= 1e-13)
      let scores = try linearPredictors(of: result, on: design, cancellation: never)
      let (rows, columns) = (targets.count, design.columnCount)
      var slopes = result.coefficients.map { l2 * $0 }
      var intercepts = [Double](repeating: 0, count: 3)
      for row in 0..<rows {
        let sizes = (0..<3).map { exp(scores[$0 * rows + row]) }
        for output in 0..<3 {
          let residual = (sizes[output] / sizes.reduce(0, +) - (targets[row] == Double(output) ? 1 : 0)) / Double(rows)
          intercepts[output] += residual
          for entry in sample.starts[row]..<sample.starts[row + 1] {
            slopes[output * columns + Int(sample.columns[entry])] += residual * sample.values[entry]
          }
        }
      }
      #expect(!intercept || intercepts.allSatisfy { abs($0) < 1e-9 })
      for (slope, weight) in zip(slopes, result.coefficients) {
        #expect(weight == 0 ? abs(slope) <= l1 + 1e-6 : abs(slope + (weight > 0 ? l1 : -l1)) < 1e-6)
      }
      #expect(result.coefficients.contains(0) && result.coefficients.contains { $0 != 0 })
    }
  }

  /// The slope of the objective by each coefficient at the solution, taken by hand from the definition.
  @Test func conditionsOfTheMinimumHold() throws {
    let sample = try SparseSample()
    for (l1, l2) in [(0.01, 0.0), (0.02, 0.05), (0.003, 0.001)] {
      let design = try sample.design("labels")
      let result = try fit(
        design, FitSettings(objective: .logistic, penalty: Penalty(l1: l1, l2: l2), tolerance: 1e-13),
        cancellation: never)
      #expect(result.converged && result.dualityGap ?? 1 <= 1e-13)
      let scores = try linearPredictors(of: result, on: design, cancellation: never)
      let targets = try sample.numbers("labels")
      var slopes = result.coefficients.map { l2 * $0 }
      var intercept = 0.0
      for row in targets.indices {
        let residual = (1 / (1 + exp(-scores[row])) - targets[row]) / Double(targets.count)
        intercept += residual
        for entry in sample.starts[row]..<sample.starts[row + 1] {
          slopes[Int(sample.columns[entry])] += residual * sample.values[entry]
        }
      }
      #expect(abs(intercept) < 1e-9)
      for (slope, weight) in zip(slopes, result.coefficients) {
        if weight == 0 {
          #expect(abs(slope) <= l1 + 1e-6)
        } else {
          #expect(abs(slope + (weight > 0 ? l1 : -l1)) < 1e-6)
        }
      }
      #expect(result.coefficients.contains(0))
    }
  }
}
