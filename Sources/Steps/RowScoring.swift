import Basics
import Diagnostics
import Evaluation
import Execution
import Glibc
import Inference
import ObjectStore
import Tabular

/// Scores rows of a table with a model and puts the true targets beside the predictions.
struct RowScoring: Sendable {
  let model: Model
  let target: TargetRole

  private static let window = 65_536

  /// The scored rows and their numbers in the table; rows without a target are left out where the workflow says so.
  func score(_ table: Table, rows wanted: [Int], cancellation: Cancellation) throws -> (ScoredRows, [Int]) {
    let column = try target.column(in: table)
    let rows = try target.rowsWithTarget(wanted, of: column).rows
    let scorer = Scorer(model)
    var numbers: [Double] = []
    numbers.reserveCapacity(rows.count * max(1, model.classes.count))
    var index = 0
    while index < rows.count {
      try cancellation.check()
      let start = rows[index]
      var end = index
      while end < rows.count, rows[end] < start + Self.window { end += 1 }
      let predictions = try scorer.score(table, rows: start..<rows[end - 1] + 1)
      for row in rows[index..<end] { predictions.append(row - start, to: &numbers) }
      index = end
    }
    return (try scoredRows(numbers, rows, column), rows)
  }

  private func scoredRows(_ numbers: [Double], _ rows: [Int], _ column: Column) throws -> ScoredRows {
    if model.classes.isEmpty {
      return ScoredRows(targets: try numericTargets(column, rows: rows), predictions: numbers)
    }
    let index = classIndex(model.classes)
    let targets = rows.map { row in column.text(row).flatMap { index[$0] } ?? -1 }
    return ScoredRows(classes: model.classes, targets: targets, probabilities: numbers)
  }
}

/// The target as numbers.
func numericTargets(_ column: Column, rows: [Int]) throws -> [Double] {
  guard column.type == .integer || column.type == .number || column.type == .boolean else {
    throw SettingProblem(
      ["target"],
      .error(
        "target-type", "the target '\(column.name)' holds \(column.type.rawValue), expected numbers for objective 'linear'",
        help: ["use objective 'logistic' or 'multinomial' for categories"]))
  }
  guard let first = rows.first, let last = rows.last else { return [] }
  var values = [Double](repeating: 0, count: last - first + 1)
  values.withUnsafeMutableBufferPointer { column.readNumbers(first..<last + 1, into: $0) }
  return rows.map { values[$0 - first] }
}

/// The position of each class by its name.
func classIndex(_ classes: [String]) -> [String: Int] {
  Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
}

extension Store {
  /// A model artifact, every file of it verified.
  func openModel(_ digest: Digest) throws -> Model {
    let files = try readTree(digest)
    return try Model(files: files)
  }
}

/// A number for people: four significant digits.
package func shortNumber(_ value: Double) -> String {
  if value.isNaN || value.isInfinite { return value.description }
  if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
  let magnitude = abs(value)
  let decimals = magnitude >= 1000 ? 1 : magnitude >= 100 ? 2 : magnitude >= 1 ? 3 : magnitude >= 1e-3 ? 4 : -1
  if decimals < 0 {
    let exponent = Int(Glibc.log10(magnitude).rounded(.down))
    let mantissa = (value / Glibc.pow(10, Double(exponent)) * 1000).rounded() / 1000
    return "\(mantissa)e\(exponent)"
  }
  let scale = Glibc.pow(10, Double(decimals))
  let text = String(Int64((magnitude * scale).rounded()))
  let padded = String(repeating: "0", count: max(0, decimals + 1 - text.count)) + text
  let cut = padded.index(padded.endIndex, offsetBy: -decimals)
  return (value < 0 ? "-" : "") + padded[..<cut] + "." + padded[cut...]
}
