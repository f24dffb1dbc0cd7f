import Basics
import Tabular

extension ColumnValidation {
  /// `min` and `max`.
  func rangeRules(_ cancellation: Cancellation) throws -> [Observation] {
    guard expected.range != ColumnRange() else { return [] }
    guard column.type.isNumeric else {
      if column.missingCount == column.rowCount { return [] }
      let rule = expected.range.min == nil ? Finding.Rule.max : .min
      return [
        observation(
          rule, expected: JSON("a number"), observed: JSON(column.type.rawValue),
          breach: "is of type \(column.type) and has no order, but limits are set")
      ]
    }
    let min = expected.range.min?.value(in: column.type) ?? -.infinity
    let max = expected.range.max?.value(in: column.type) ?? .infinity
    var below = RowTally()
    var above = RowTally()
    var least = Double.infinity
    var greatest = -Double.infinity
    try column.eachNumber(block: Self.blockRows, cancellation) { row, value in
      least = Swift.min(least, value)
      greatest = Swift.max(greatest, value)
      if value < min { below.add(row: row) }
      if value > max { above.add(row: row) }
    }
    var observations: [Observation] = []
    if expected.range.min != nil {
      observations.append(
        observation(
          .min, expected: limit(min), observed: limit(least),
          breach: below.count == 0 ? nil : "is below \(text(min))", below))
    }
    if expected.range.max != nil {
      observations.append(
        observation(
          .max, expected: limit(max), observed: limit(greatest),
          breach: above.count == 0 ? nil : "is above \(text(max))", above))
    }
    return observations
  }

  /// A limit as the user writes it.
  func text(_ limit: Double) -> String { ColumnLimit.text(limit, in: column.type) }

  /// Null where there is no value at all.
  func limit(_ value: Double) -> JSON {
    value.isFinite ? column.type.isTime ? JSON(text(value)) : JSON(value) : .null
  }
}
