import Basics
import Tabular

/// Rules about values as canonical text.
extension ColumnValidation {
  func valueRules(_ cancellation: Cancellation) throws -> [Observation] {
    guard let values = expected.values else { return [] }
    let allowed = Set(values.map { Array($0.utf8) })
    let words = "holds values that are not among the \(values.count) allowed"
    return [try textRule(.values, JSON(values), words, cancellation) { allowed.contains(Array($0.utf8)) }]
  }

  func patternRules(_ cancellation: Cancellation) throws -> [Observation] {
    guard let pattern = expected.pattern else { return [] }
    let matcher = pattern.matcher(cancellation)
    let words = "holds values that do not match '\(pattern.text)'"
    return [try textRule(.pattern, JSON(pattern.text), words, cancellation) { try matcher.matches($0) }]
  }

  func lengthRules(_ cancellation: Cancellation) throws -> [Observation] {
    let bounds = expected.length
    if bounds.isOpen { return [] }
    var tally = RowTally()
    var (least, greatest) = (Int.max, Int.min)
    try eachText(cancellation) { row, text in
      let length = text.unicodeScalars.count
      (least, greatest) = (min(least, length), max(greatest, length))
      if !bounds.contains(Double(length)) { tally.add(row: row) }
    }
    return [
      observation(
        .length, expected: bounds.json, observed: least > greatest ? [:] : ["min": JSON(least), "max": JSON(greatest)],
        breach: tally.count == 0 ? nil : "holds values whose length is not \(bounds.words),", tally)
    ]
  }

  func uniqueRules(_ cancellation: Cancellation) throws -> [Observation] {
    let bounds = expected.uniqueShare
    guard expected.unique || !bounds.isOpen else { return [] }
    var tally = RowTally()
    var seen: Set<[UInt8]> = []
    var count = 0
    try eachText(cancellation) { row, text in
      count += 1
      if !seen.insert(Array(text.utf8)).inserted { tally.add(row: row) }
    }
    var observations: [Observation] = []
    if expected.unique {
      observations.append(
        observation(
          .unique, expected: true, observed: JSON(seen.count),
          breach: tally.count == 0 ? nil : "repeats earlier values", tally))
    }
    if !bounds.isOpen, count > 0 {
      let share = Double(seen.count) / Double(count)
      observations.append(
        observation(
          .uniqueShare, expected: bounds.json, observed: JSON(share),
          breach: bounds.contains(share)
            ? nil : "has \(percentage(share)) different values, expected \(bounds.shareWords)"))
    }
    return observations
  }

  /// Whether all texts hold. `observed` is the number of different ones that do not.
  private func textRule(
    _ rule: Finding.Rule, _ expected: JSON, _ words: String, _ cancellation: Cancellation,
    holds: (String) throws -> Bool
  ) throws -> Observation {
    var tally = RowTally()
    var bad: Set<[UInt8]> = []
    if column.type == .category {
      let verdicts = try column.dictionary.map(holds)
      try column.eachCode(block: Self.blockRows, cancellation) { row, code in
        if verdicts[code] { return }
        tally.add(row: row)
        bad.insert(Array(column.dictionary[code].utf8))
      }
    } else {
      try eachText(cancellation) { row, text in
        if try holds(text) { return }
        tally.add(row: row)
        bad.insert(Array(text.utf8))
      }
    }
    return observation(
      rule, expected: expected, observed: JSON(bad.count), breach: tally.count == 0 ? nil : words, tally)
  }

  private func eachText(_ cancellation: Cancellation, _ body: (Int, String) throws -> Void) throws {
    for row in 0..<column.rowCount {
      if row % Self.blockRows == 0 { try cancellation.check() }
      if let text = column.text(row) { try body(row, text) }
    }
  }
}

extension Expectations.Bounds {
  /// The same for shares: `at least 90%`.
  var shareWords: String {
    switch (min, max) {
    case (let min?, let max?): "from \(percentage(min)) to \(percentage(max))"
    case (let min?, nil): "at least \(percentage(min))"
    case (nil, let max?): "at most \(percentage(max))"
    case (nil, nil): "anything"
    }
  }
}
