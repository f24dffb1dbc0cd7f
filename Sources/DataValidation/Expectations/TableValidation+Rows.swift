import Basics
import Statistics
import Tabular

/// Rules about rows that are equal. Rows are told apart by 128 bits of hash, so that two different ones are taken for equal
/// with a probability below 10⁻²⁰ in a billion rows.
extension TableValidation {
  func keyRules() throws -> [Observation] {
    try expected.keys.map { names in
      guard case .found(let columns) = find(names, of: table) else {
        let words = find(names, of: table).words
        return observation(
          .keys, expected: JSON(names), observed: .null, breach: "a key cannot be looked at: \(words)")
      }
      let tally = try repeated(RowHashes(columns, rowCount: table.rowCount, cancellation))
      let words = names.map { "'\($0)'" }.joined(separator: ", ")
      return observation(
        .keys, expected: JSON(names), observed: JSON(table.rowCount - tally.count),
        breach: tally.count == 0 ? nil : "the key \(words) repeats earlier ones", tally)
    }
  }

  func duplicateRules() throws -> [Observation] {
    guard let limit = expected.duplicates else { return [] }
    let columns = table.schema.fields.indices.map { table.column($0) }
    let tally = try repeated(RowHashes(columns, rowCount: table.rowCount, cancellation))
    let share = table.rowCount == 0 ? 0 : Double(tally.count) / Double(table.rowCount)
    return [
      observation(
        .duplicates, expected: JSON(limit), observed: JSON(share),
        breach: share <= limit ? nil : "rows equal earlier ones, expected at most \(percentage(limit)),", tally)
    ]
  }

  private func repeated(_ hashes: RowHashes) throws -> RowTally {
    var tally = RowTally()
    var seen: Set<RowHashes.Value> = []
    seen.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      if row % 65_536 == 0 { try cancellation.check() }
      if !seen.insert(hashes[row]).inserted { tally.add(row: row) }
    }
    return tally
  }

  /// Rows outside of the training part that equal one in it.
  func sharedRowRules() throws -> [Observation] {
    guard let rule = expected.sharedRows else { return [] }
    guard let split = surroundings.splits[rule.split] else { throw ExpectationError.unknownTable(rule.split) }
    let columns = split.table.schema.fields.indices.map { split.table.column($0) }
    let hashes = try RowHashes(columns, rowCount: split.table.rowCount, cancellation)
    var training: Set<RowHashes.Value> = []
    for row in 0..<split.table.rowCount where split.isTraining[row] { training.insert(hashes[row]) }
    var tally = RowTally()
    var others = 0
    for row in 0..<split.table.rowCount where !split.isTraining[row] {
      others += 1
      if training.contains(hashes[row]) { tally.add(row: row) }
    }
    let share = others == 0 ? 0 : Double(tally.count) / Double(others)
    return [
      observation(
        .sharedRows, expected: JSON(rule.limit), observed: JSON(share),
        breach: share <= rule.limit
          ? nil
          : "\(percentage(share)) of the rows held out stand in the training part too, expected at most \(percentage(rule.limit)),",
        tally)
    ]
  }

  /// Values that another table does not have.
  func referenceRules() throws -> [Observation] {
    try expected.references.map { rule in
      guard let other = surroundings.tables[rule.table] else { throw ExpectationError.unknownTable(rule.table) }
      let (keys, own) = (find([rule.key], of: other, called: rule.table), find([rule.column], of: table))
      guard case .found(let key) = keys, case .found(let column) = own else {
        return observation(
          column: rule.column, .references, expected: JSON("\(rule.table).\(rule.key)"), observed: .null,
          breach: "cannot be looked at: \(own.words.isEmpty ? keys.words : own.words)")
      }
      var known: Set<[UInt8]> = []
      for row in 0..<other.rowCount {
        if row % 65_536 == 0 { try cancellation.check() }
        if let text = key[0].text(row) { known.insert(Array(text.utf8)) }
      }
      var tally = RowTally()
      for row in 0..<table.rowCount {
        if row % 65_536 == 0 { try cancellation.check() }
        if let text = column[0].text(row), !known.contains(Array(text.utf8)) { tally.add(row: row) }
      }
      return observation(
        column: rule.column, .references, expected: JSON("\(rule.table).\(rule.key)"), observed: JSON(tally.count),
        breach: tally.count == 0 ? nil : "holds values that '\(rule.table).\(rule.key)' does not", tally)
    }
  }
}
