package import Basics
import Tabular

/// Expectations that a profile suggests: what the data was like, with room for what the next data may be like.
///
/// Types as they are; missing shares half as large again and one point more; ranges wider by half their span on either side,
/// but not across 0; the levels of a category of up to 20; texts up to twice as long; values that never repeated in more than
/// 20 rows stay so; at least half of the rows; and a population stability index of at most 0.25 against the last accepted data,
/// as a warning.
package struct SuggestedExpectations: Sendable {
  private let profile: TableProfile
  private let classes: [String: [String]]

  /// `classes` names columns whose values are classes, however they are written: no others may occur, and they are no
  /// numbers with a range.
  package init(_ profile: TableProfile, classes: [String: [String]] = [:]) {
    self.profile = profile
    self.classes = classes
  }

  /// As settings of a `validate` step: those of `written`, and beneath them what is suggested. What is written of a column
  /// goes before what is suggested of it, rule by rule.
  package func settings(under written: JSON) -> JSON {
    var settings = written
    if settings["rows"]?.objectValue?.isEmpty ?? true { settings["rows"] = rows }
    if settings["drift"]?.isNull ?? true { settings["drift"] = drift }
    var columns = written["columns"]?.objectValue ?? [:]
    for column in profile.columns {
      let rules = Dictionary(rules(of: column), uniquingKeysWith: { first, _ in first })
      columns[column.name] = .object(rules.merging(columns[column.name]?.objectValue ?? [:]) { $1 })
    }
    settings["columns"] = .object(columns)
    return settings
  }

  private var rows: JSON { ["min": JSON(max(1, profile.rowCount / 2))] }
  private var drift: JSON { ["psi": 0.25, "severity": "warn"] }

  /// What stands under `validate:` in a workflow, for a person to edit.
  package var yaml: String {
    var lines = [
      "# Derived from \(profile.rowCount) rows: what they were like, with room. Put it under 'validate:' and edit it.",
      "rows: { min: \(max(1, profile.rowCount / 2)) }", "drift: { psi: 0.25, severity: warn }", "columns:",
    ]
    lines += columnLines.map { "  " + $0 }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What stands under `columns:`, a line a column.
  package var columnLines: [String] {
    profile.columns.map { column in
      let rules = rules(of: column).map { "\($0.0): \(flow($0.1, isShare: $0.0 == "missing"))" }
      return "\(yamlScalar(column.name)): { \(rules.joined(separator: ", ")) }"
    }
  }

  private func rules(of column: ColumnProfile) -> [(String, JSON)] {
    let present = column.count - column.missing
    var rules: [(String, JSON)] = []
    if present > 0 { rules.append(("type", JSON(column.type == .integer ? "number" : column.type.rawValue))) }
    let share = column.count == 0 ? 0 : Double(column.missing) / Double(column.count)
    rules.append(("missing", JSON(share == 0 ? 0 : min(1, (share * 150 + 1).rounded(.up) / 100))))
    if let values = classes[column.name] {
      rules.append(("values", JSON(values)))
    } else if let numbers = column.numbers, column.type != .boolean, column.type != .sparse {
      rules += range(numbers, column.type)
    }
    if classes[column.name] == nil, column.type == .category, let distinct = column.distinct,
      distinct.count <= ColumnProfile.valueLimit
    {
      rules.append(("values", JSON(column.values.map(\.value))))
    } else if let lengths = column.lengths {
      rules.append(("length", ["max": JSON(max(1, lengths.max * 2))]))
    }
    if let distinct = column.distinct, distinct.isExact, present > 20, distinct.count == present,
      column.type == .integer || column.type == .text || column.type == .category
    {
      rules.append(("unique", true))
    }
    return rules
  }

  private func range(_ numbers: ColumnProfile.Numbers, _ type: ColumnType) -> [(String, JSON)] {
    if type.isTime {
      // Time goes on, so only its beginning is kept.
      return [("min", JSON(ColumnLimit.text(numbers.min.rounded(.down), in: type)))]
    }
    let room = (numbers.max / 2 - numbers.min / 2)
    var (low, high) = (numbers.min - room, numbers.max + room)
    if numbers.min >= 0 { low = max(0, low) }
    if numbers.max <= 0 { high = min(0, high) }
    guard low.isFinite, high.isFinite else { return [] }
    let (least, greatest) = (outward(low, .down, room), outward(high, .up, room))
    return [
      ("min", whole(least, numbers.wholeMin, min)), ("max", whole(greatest, numbers.wholeMax, max)),
    ]
  }

  /// A limit; of integers that are no doubles one that holds all of them, with all its digits.
  private func whole(_ limit: Double, _ exact: Int64?, _ outer: (Int64, Int64) -> Int64) -> JSON {
    guard let exact, limit.magnitude >= 0x1p53 else { return JSON(limit) }
    return .integer(Int64(exactly: limit).map { outer($0, exact) } ?? exact)
  }

  /// Rounded to two digits of the room, away from the data.
  private func outward(_ value: Double, _ rule: FloatingPointRoundingRule, _ room: Double) -> Double {
    guard room > 0 else { return value }
    var step = 1.0
    while step > room / 10 { step /= 10 }
    while step * 10 <= room / 10 { step *= 10 }
    guard step > 0, step.isFinite else { return value }
    // By a whole divisor where there is one, so that 0.7 is written 0.7.
    let rounded =
      step < 1
      ? (value * (1 / step).rounded()).rounded(rule) / (1 / step).rounded() : (value / step).rounded(rule) * step
    return rounded.isFinite ? rounded : value
  }

  private func flow(_ value: JSON, isShare: Bool) -> String {
    if isShare, let share = value.doubleValue { return percentage(share) }
    switch value {
    case .string(let text): return yamlScalar(text)
    case .array(let values): return "[" + values.map { flow($0, isShare: false) }.joined(separator: ", ") + "]"
    case .object(let members):
      let inner = members.sorted { $0.key < $1.key }.map { "\($0.key): \(flow($0.value, isShare: false))" }
      return "{ " + inner.joined(separator: ", ") + " }"
    // Whole numbers with all their digits, which JSON would put in quotes.
    case .integer(let number): return String(number)
    default: return value.canonical
    }
  }
}

/// A YAML scalar that reads back as `text`.
package func yamlScalar(_ text: String) -> String {
  let isPlain =
    text.lowercased() != "null" && text != "~"
    && text.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "_" } ?? false
  let isSafe = text.unicodeScalars.allSatisfy {
    $0.properties.isAlphabetic || $0.properties.numericType != nil || "_-./".unicodeScalars.contains($0)
  }
  return isPlain && isSafe ? text : JSON.string(text).canonical
}
