import Basics
import Tabular

/// Rules across columns.
extension TableValidation {
  func comparisonRules() throws -> [Observation] {
    try expected.comparisons.map { comparison in
      let columns = try columns(comparison.columns, of: table)
      if let odd = columns.first(where: { !$0.type.isNumeric }) {
        return observation(
          .compare, expected: JSON(comparison.text), observed: JSON(odd.type.rawValue),
          breach: "'\(comparison.text)' compares column '\(odd.name)', which is of type \(odd.type)")
      }
      var tally = RowTally()
      var values = columns.map { _ in [Double](repeating: 0, count: min(8192, table.rowCount)) }
      for start in stride(from: 0, to: table.rowCount, by: 8192) {
        try cancellation.check()
        let rows = start..<min(table.rowCount, start + 8192)
        for (index, column) in columns.enumerated() {
          values[index].withUnsafeMutableBufferPointer {
            column.readNumbers(rows, into: UnsafeMutableBufferPointer(rebasing: $0[..<rows.count]))
          }
          // Days and seconds can be compared as seconds.
          if column.type == .date { for place in 0..<rows.count { values[index][place] *= 86_400 } }
        }
        for place in 0..<rows.count where comparison.holds({ values[$0][place] }) == false {
          tally.add(row: start + place)
        }
      }
      return observation(
        .compare, expected: JSON(comparison.text), observed: JSON(tally.count),
        breach: tally.count == 0 ? nil : "'\(comparison.text)' does not hold", tally)
    }
  }

  func presenceRules() throws -> [Observation] {
    try expected.presence.flatMap { rule in
      let condition = try columns([rule.column], of: table)[0]
      let values = Set(rule.values.map { Array($0.utf8) })
      let applies = try (0..<table.rowCount).map { row in
        if row % 65_536 == 0 { try cancellation.check() }
        guard let text = condition.text(row) else { return false }
        return values.isEmpty || values.contains(Array(text.utf8))
      }
      func hold(_ name: String, present: Bool) throws -> Observation {
        let column = try columns([name], of: table)[0]
        var tally = RowTally()
        for row in applies.indices where applies[row] && column.isMissing(row) == present { tally.add(row: row) }
        let when =
          rule.values.isEmpty ? "'\(rule.column)' is there" : "'\(rule.column)' has one of \(rule.values.count) values"
        return observation(
          column: name, .when, expected: present ? "present" : "absent", observed: JSON(tally.count),
          breach: tally.count == 0 ? nil : "is \(present ? "missing" : "there") where \(when),", tally)
      }
      return try rule.present.map { try hold($0, present: true) } + rule.absent.map { try hold($0, present: false) }
    }
  }
}
