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
    let limits = [(Finding.Rule.min, expected.range.min), (.max, expected.range.max)].compactMap { rule, limit in
      limit.map { (rule, $0) }
    }
    if let (rule, limit) = limits.first(where: { !$0.1.fits(column.type) }) {
      if column.missingCount == column.rowCount { return [] }
      return [
        observation(
          rule, expected: limit.json, observed: JSON(column.type.rawValue),
          breach: "is of type \(column.type), but '\(rule.rawValue)' is \(column.type.isTime ? "a number" : "a time")")
      ]
    }
    let found = column.type.isWhole ? try wholeExtent(cancellation) : try numberExtent(cancellation)
    var observations: [Observation] = []
    if let min = expected.range.min {
      observations.append(
        observation(
          .min, expected: min.json, observed: found.least,
          breach: found.below.count == 0 ? nil : "is below \(min.text(in: column.type))", found.below))
    }
    if let max = expected.range.max {
      observations.append(
        observation(
          .max, expected: max.json, observed: found.greatest,
          breach: found.above.count == 0 ? nil : "is above \(max.text(in: column.type))", found.above))
    }
    return observations
  }

  /// The ends of a column, null where there is no value, and the rows beyond the limits.
  private struct Extent {
    var least = JSON.null
    var greatest = JSON.null
    var below = RowTally()
    var above = RowTally()
  }

  private func wholeExtent(_ cancellation: Cancellation) throws -> Extent {
    let min = expected.range.min?.whole(in: column.type, .up)
    let max = expected.range.max?.whole(in: column.type, .down)
    var extent = Extent()
    var (least, greatest) = (Int64.max, Int64.min)
    var isEmpty = true
    try column.eachWhole(block: Self.blockRows, cancellation) { row, value in
      isEmpty = false
      least = Swift.min(least, value)
      greatest = Swift.max(greatest, value)
      if let min, Int128(value) < min { extent.below.add(row: row) }
      if let max, Int128(value) > max { extent.above.add(row: row) }
    }
    if isEmpty { return extent }
    extent.least = ColumnLimit.json(whole: least, in: column.type)
    extent.greatest = ColumnLimit.json(whole: greatest, in: column.type)
    return extent
  }

  private func numberExtent(_ cancellation: Cancellation) throws -> Extent {
    var extent = Extent()
    var (least, greatest) = (Double.infinity, -Double.infinity)
    let (min, max) = (expected.range.min, expected.range.max)
    try column.eachNumber(block: Self.blockRows, cancellation) { row, value in
      least = Swift.min(least, value)
      greatest = Swift.max(greatest, value)
      if let min, min.isAbove(value) { extent.below.add(row: row) }
      if let max, max.isBelow(value) { extent.above.add(row: row) }
    }
    if least.isFinite { (extent.least, extent.greatest) = (JSON(least), JSON(greatest)) }
    return extent
  }
}
