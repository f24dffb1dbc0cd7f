import Basics
import Statistics
import Tabular

/// Rules across columns.
extension TableValidation {
  func comparisonRules() throws -> [Observation] {
    try expected.comparisons.map { comparison in
      func found(_ observed: JSON, breach: String? = nil, _ tally: RowTally = RowTally()) -> Observation {
        observation(
          .compare, expected: JSON(comparison.text), observed: observed,
          breach: breach.map { "'\(comparison.text)' \($0)" }, tally)
      }
      switch find(comparison.columns, of: table) {
      case .absent(let words): return found(.null, breach: "cannot be looked at: \(words)")
      case .found(let columns):
        if comparison.isOfTwoAsTheyAre, columns.allSatisfy(\.type.isText) {
          let tally = try differingTexts(columns, areEqual: comparison.relation == .equal)
          return found(JSON(tally.count), breach: tally.count == 0 ? nil : "does not hold", tally)
        }
        if let odd = columns.first(where: { !$0.type.isNumeric }) {
          return found(
            JSON(odd.type.rawValue), breach: "compares column '\(odd.name)', which is of type \(odd.type)")
        }
        // Times on one side need times on the other: what is left is then a number of seconds.
        if comparison.surplusOfTimes({ columns[$0].type.isTime }) != 0 {
          let time = columns.first(where: \.type.isTime)
          let words = time.map { "column '\($0.name)', which is of type \($0.type)," } ?? "a time"
          return found(JSON((time ?? columns[0]).type.rawValue), breach: "holds \(words) against what is no time")
        }
        let tally = try ComparisonRows(comparison, columns, rowCount: table.rowCount).breaches(cancellation)
        return found(JSON(tally.count), breach: tally.count == 0 ? nil : "does not hold", tally)
      }
    }
  }

  /// Rows in which two columns of text are not the same, or are.
  private func differingTexts(_ columns: [Column], areEqual: Bool) throws -> RowTally {
    var tally = RowTally()
    for row in 0..<table.rowCount {
      if row % 8192 == 0 { try cancellation.check() }
      guard let left = columns[0].text(row), let right = columns[1].text(row) else { continue }
      if left.utf8.elementsEqual(right.utf8) != areEqual { tally.add(row: row) }
    }
    return tally
  }

  func presenceRules() throws -> [Observation] {
    try expected.presence.flatMap { rule in
      var details: JSON = ["where": ["column": JSON(rule.column), "values": JSON(rule.values)]]
      if rule.values.isEmpty { details = ["where": ["column": JSON(rule.column)]] }
      let names = rule.present.map { ($0, true) } + rule.absent.map { ($0, false) }
      func found(_ name: String, _ present: Bool, _ observed: JSON, breach: String?, _ tally: RowTally) -> Observation {
        var observation = observation(
          column: name, .when, expected: present ? "present" : "absent", observed: observed, breach: breach, tally)
        observation.details = details
        return observation
      }
      guard case .found(let deciding) = find([rule.column], of: table) else {
        let words = find([rule.column], of: table).words
        return names.map { found($0, $1, .null, breach: "cannot be looked at: \(words)", RowTally()) }
      }
      let values = Set(rule.values.map { Array($0.utf8) })
      let applies = try (0..<table.rowCount).map { row in
        if row % 65_536 == 0 { try cancellation.check() }
        guard let text = deciding[0].text(row) else { return false }
        return values.isEmpty || values.contains(Array(text.utf8))
      }
      return names.map { name, present in
        guard case .found(let columns) = find([name], of: table) else {
          return found(
            name, present, .null, breach: "cannot be looked at: \(find([name], of: table).words)", RowTally())
        }
        var tally = RowTally()
        for row in applies.indices where applies[row] && columns[0].isMissing(row) == present { tally.add(row: row) }
        return found(
          name, present, JSON(tally.count),
          breach: tally.count == 0 ? nil : "is \(present ? "missing" : "there") where \(rule.condition),", tally)
      }
    }
  }
}

extension ColumnType {
  fileprivate var isText: Bool { self == .text || self == .category }
}

extension Expectations.Presence {
  /// As in "where 'status' is 'sent'".
  fileprivate var condition: String {
    switch values.count {
    case 0: "'\(column)' is there"
    case 1: "'\(column)' is '\(values[0])'"
    case 2...4: "'\(column)' is one of \(values.map { "'\($0)'" }.joined(separator: ", "))"
    default: "'\(column)' is one of \(values.count) values"
    }
  }
}

/// The rows of a comparison, a block at a time: exactly where all its columns are whole numbers or times, and otherwise with
/// doubles, but for whole numbers that are none.
private struct ComparisonRows {
  private let comparison: Comparison
  private let columns: [Column]
  private let rowCount: Int
  private let exact: WholeComparison?
  private static let blockRows = 8192

  init(_ comparison: Comparison, _ columns: [Column], rowCount: Int) {
    self.comparison = comparison
    self.columns = columns
    self.rowCount = rowCount
    // Beside times, numbers are seconds.
    let second: Int128 = columns.contains { $0.type.isTime } ? 1_000_000 : 1
    let units = columns.map { column -> Int128 in
      switch column.type {
      case .date: 86_400_000_000
      case .timestamp: 1
      default: second
      }
    }
    exact =
      columns.allSatisfy(\.type.isWhole) ? WholeComparison(comparison, unit: second, units: units) : nil
  }

  func breaches(_ cancellation: Cancellation) throws -> RowTally {
    var tally = RowTally()
    var wholes = columns.map { _ in [Int64](repeating: 0, count: min(Self.blockRows, rowCount)) }
    var numbers = columns.map { _ in [Double](repeating: 0, count: min(Self.blockRows, rowCount)) }
    for start in stride(from: 0, to: rowCount, by: Self.blockRows) {
      try cancellation.check()
      let rows = start..<min(rowCount, start + Self.blockRows)
      for (index, column) in columns.enumerated() {
        if column.type.isWhole { column.readWhole(rows, into: &wholes[index]) }
        if exact == nil || !column.type.isWhole { read(column, rows, into: &numbers[index]) }
      }
      for place in 0..<rows.count {
        if columns.contains(where: { $0.missingCount > 0 && $0.isMissing(start + place) }) { continue }
        let holds =
          exact.flatMap { $0.holds { wholes[$0][place] } }
          ?? roughly(wholes, &numbers, rows, place)
        if holds == false { tally.add(row: start + place) }
      }
    }
    return tally
  }

  /// With doubles; times as seconds.
  private func roughly(
    _ wholes: [[Int64]], _ numbers: inout [[Double]], _ rows: Range<Int>, _ place: Int
  ) -> Bool? {
    // Sums beyond 128 bits come here too, with nothing read yet.
    if exact != nil { for (index, column) in columns.enumerated() { read(column, rows, into: &numbers[index]) } }
    let isBeyond = columns.indices.contains { columns[$0].type == .integer && wholes[$0][place].magnitude > 1 << 53 }
    if isBeyond {
      return comparison.holds(precisely: {
        columns[$0].type == .integer ? DoubleDouble(whole: wholes[$0][place]) : DoubleDouble(numbers[$0][place])
      })
    }
    return comparison.holds { numbers[$0][place] }
  }

  private func read(_ column: Column, _ rows: Range<Int>, into numbers: inout [Double]) {
    numbers.withUnsafeMutableBufferPointer {
      column.readNumbers(rows, into: UnsafeMutableBufferPointer(rebasing: $0[..<rows.count]))
    }
    if column.type == .date { for place in 0..<rows.count { numbers[place] *= 86_400 } }
  }
}
