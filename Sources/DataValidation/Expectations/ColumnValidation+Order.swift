import Basics
import Tabular

extension ColumnValidation {
  /// Numbers and times that rise or fall from row to row. Missing ones are passed over.
  func orderRules(_ cancellation: Cancellation) throws -> [Observation] {
    guard let order = expected.order else { return [] }
    guard column.type.isNumeric else {
      return [
        observation(
          .order, expected: JSON(order.rawValue), observed: JSON(column.type.rawValue),
          breach: "is of type \(column.type) and has no order")
      ]
    }
    var tally = RowTally()
    if column.type.isWhole {
      var last: Int64?
      try column.eachWhole(block: Self.blockRows, cancellation) { row, value in
        if let last, !order.allows(last, value) { tally.add(row: row) }
        last = value
      }
    } else {
      var last: Double?
      try column.eachNumber(block: Self.blockRows, cancellation) { row, value in
        if let last, !order.allows(last, value) { tally.add(row: row) }
        last = value
      }
    }
    let words = order.rawValue.replacing("_", with: " ")
    return [
      observation(
        .order, expected: JSON(order.rawValue), observed: JSON(tally.count),
        breach: tally.count == 0 ? nil : "is not \(words)", tally)
    ]
  }

  /// The newest date or timestamp is not older than `max_age`. A date counts as its last moment: it is not over before.
  func freshnessRules(_ cancellation: Cancellation) throws -> [Observation] {
    guard let maxAge = expected.maxAge, let now else { return [] }
    guard column.type.isTime else {
      return [
        observation(
          .maxAge, expected: JSON(maxAge), observed: JSON(column.type.rawValue),
          breach: "is of type \(column.type), and only dates and timestamps have an age")
      ]
    }
    var newest: Int64?
    try column.eachWhole(block: Self.blockRows, cancellation) { _, value in newest = max(newest ?? value, value) }
    guard let newest else {
      return [observation(.maxAge, expected: JSON(maxAge), observed: .null, breach: "holds no time at all")]
    }
    let end = column.type == .date ? (Double(newest) + 1) * 86_400 : Double(newest) / 1_000_000
    let age = max(0, Double(now) / 1_000_000 - end)
    return [
      observation(
        .maxAge, expected: JSON(maxAge), observed: JSON(age),
        breach: age <= maxAge
          ? nil
          : "is \(duration(age)) old, expected at most \(duration(maxAge)): the newest is \(ColumnLimit.text(whole: newest, in: column.type))"
      )
    ]
  }
}

extension ColumnExpectations.Order {
  fileprivate func allows<Value: Comparable>(_ before: Value, _ after: Value) -> Bool {
    switch self {
    case .increasing: before <= after
    case .decreasing: before >= after
    case .strictlyIncreasing: before < after
    case .strictlyDecreasing: before > after
    }
  }
}

/// Seconds in the largest unit that has at least two of it: `3d`, `36h`, `90m`.
private func duration(_ seconds: Double) -> String {
  let units: [(String, Double)] = [("d", 86_400), ("h", 3600), ("m", 60)]
  let (name, size) = units.first { seconds >= 2 * $0.1 } ?? ("s", 1)
  return ecmaScriptText((seconds / size * 10).rounded() / 10) + name
}
