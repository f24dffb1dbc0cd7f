import Basics
import Foundation
import Statistics
import Testing

@testable import Learning

/// A data set of `Fixtures`: columns, then weights and offsets where it has them, last the target.
struct Sample {
  var columns: [[Double]]
  var targets: [Double]
  var weights: [Double]?
  var offsets: [Double]?

  init(_ name: String, hasWeights: Bool = false, hasOffsets: Bool = false) throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "csv"))
    let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",").compactMap { Double($0) } }
    let width = try #require(rows.first).count
    let all = (0..<width).map { column in rows.map { $0[column] } }
    columns = Array(all.dropLast())
    targets = all[width - 1]
    if hasOffsets { offsets = columns.removeLast() }
    if hasWeights { weights = columns.removeLast() }
  }

  init(columns: [[Double]], targets: [Double], weights: [Double]? = nil, offsets: [Double]? = nil) {
    self.columns = columns
    self.targets = targets
    self.weights = weights
    self.offsets = offsets
  }

  var design: DenseDesign {
    DenseDesign(
      columnCount: columns.count, values: columns.flatMap { $0 }, targets: targets, weights: weights, offsets: offsets)
  }

  /// The same rows, their entries that are not 0.
  var sparseDesign: SparseDesign {
    var starts = [0]
    var places: [Int32] = []
    var values: [Double] = []
    for row in targets.indices {
      for (column, own) in columns.enumerated() where own[row] != 0 {
        places.append(Int32(column))
        values.append(own[row])
      }
      starts.append(places.count)
    }
    return SparseDesign(
      columnCount: columns.count, starts: starts, columns: places, values: values, targets: targets, weights: weights,
      offsets: offsets)
  }

  /// Deviation with divisor n.
  var standardised: Sample {
    var out = self
    out.columns = columns.map { column in
      let centre = compensatedSum(column) / Double(column.count)
      let square = compensatedSum(column.map { ($0 - centre) * ($0 - centre) }) / Double(column.count)
      return column.map { ($0 - centre) / square.squareRoot() }
    }
    return out
  }

  func rows(_ keep: (Int) -> Bool) -> Sample { taking(targets.indices.filter(keep)) }

  /// Some rows, in this order, as often as they are named.
  func taking(_ rows: [Int]) -> Sample {
    Sample(
      columns: columns.map { column in rows.map { column[$0] } }, targets: rows.map { targets[$0] },
      weights: weights.map { weights in rows.map { weights[$0] } },
      offsets: offsets.map { offsets in rows.map { offsets[$0] } })
  }
}

/// One entry of `reference.json`.
struct Reference {
  var l2: Double
  var coefficients: [Double]
  var intercepts: [Double]
  var value: Double

  init(_ name: String) throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/reference", withExtension: "json"))
    let entry = try #require(try JSON(parsing: Array(Data(contentsOf: url)))[name])
    func numbers(_ key: String) throws -> [Double] {
      try #require(entry[key]?.arrayValue).compactMap(\.doubleValue)
    }
    l2 = try #require(entry["l2"]?.doubleValue)
    coefficients = try numbers("coefficients")
    intercepts = try numbers("intercepts")
    value = try #require(entry["value"]?.doubleValue)
  }

  /// The largest difference from a fit, relative to the largest coefficient; and that of the objective's value.
  func expectEqual(_ fit: Fit, tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(fit.coefficients.count == coefficients.count, sourceLocation: sourceLocation)
    let size = coefficients.map(abs).max() ?? 1
    let differences = zip(fit.coefficients, coefficients).map { abs($0 - $1) / size }
    #expect((differences.max() ?? 0) < tolerance, sourceLocation: sourceLocation)
    for (ours, theirs) in zip(fit.intercepts, intercepts) {
      #expect(abs(ours - theirs) <= tolerance * max(1, abs(theirs)), sourceLocation: sourceLocation)
    }
    #expect(abs(fit.objectiveValue - value) <= 1e-12 * max(1, value), sourceLocation: sourceLocation)
    #expect(fit.converged, sourceLocation: sourceLocation)
    #expect(fit.gradientNorm <= 1e-8, sourceLocation: sourceLocation)
  }
}

let never = Cancellation()
