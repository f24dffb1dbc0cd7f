package import Basics
import Diagnostics
package import Tabular

/// What is minimised, and so what a model answers with.
package enum ModelObjective: String, Sendable, Hashable, CaseIterable {
  /// A number.
  case linear
  /// One of two classes.
  case logistic
  /// One of two or more classes.
  case multinomial
  /// The expected number of events, e to the score.
  case poisson

  /// Whether a model answers with classes rather than with numbers.
  package var isClassifier: Bool { self == .logistic || self == .multinomial }
}

/// The column that a model predicts, with its classes.
package struct Target: Sendable, Hashable {
  package var name: String
  package var type: ColumnType
  /// The classes as canonical text of the column: numbers, booleans, dates and timestamps in their order, text by its bytes. Empty
  /// for numbers.
  package var classes: [String]
  /// Of two classes, the one that metrics without a class speak of.
  package var positive: Int?

  /// Finds the classes of a target in the training rows.
  ///
  /// - Parameters:
  ///   - positive: the positive one of two classes; the last one when nil.
  /// - Throws: `InferenceError` where a target is missing in one of the rows, has no numbers for `linear`, no counts for
  ///   `poisson`, fewer than two
  ///   classes, more than two for `logistic` or more than `mostClasses` for `multinomial`, or has no class `positive`.
  package static func fit(
    _ table: Table, name: String, rows: RowSelection, objective: ModelObjective, positive: String? = nil
  ) throws(InferenceError) -> Target {
    guard let column = table.column(named: name) else {
      throw .missingColumn(name, nearest: nearestName(to: name, among: table.schema.names))
    }
    let missing = missingCount(column, rows)
    if missing > 0 { throw .missingTargets(column: name, count: missing) }
    if !objective.isClassifier {
      guard column.type.isNumeric else { throw .targetIsNoNumber(column: name, found: column.type) }
      if objective == .poisson { try checkCounts(column, rows) }
      return Target(name: name, type: column.type, classes: [], positive: nil)
    }
    let classes = try distinct(column, rows)
    if classes.count < 2 { throw .oneClass(column: name) }
    if classes.count > 2, objective == .logistic { throw .notTwoClasses(column: name) }
    var target = Target(name: name, type: column.type, classes: classes, positive: classes.count == 2 ? 1 : nil)
    if let positive {
      guard classes.count == 2, let index = classes.firstIndex(of: positive) else {
        throw .unknownPositive(positive, column: name, nearest: nearestName(to: positive, among: classes))
      }
      target.positive = index
    }
    return target
  }

  /// The class at `index` as a value of the column's type.
  package func label(_ index: Int) -> JSON {
    let text = classes[index]
    switch type {
    case .integer: return Int64(text).map(JSON.integer) ?? .string(text)
    case .number: return Double(text).map(JSON.number) ?? .string(text)
    case .boolean: return .bool(text == "true")
    case .date, .timestamp, .category, .text, .sparse: return .string(text)
    }
  }

  /// Counts are 0 or more, and some are more.
  private static func checkCounts(_ column: Column, _ rows: RowSelection) throws(InferenceError) {
    guard !column.type.isTime else { throw .targetIsNoNumber(column: column.name, found: column.type) }
    var firstNegative: Int?
    var seen = 0
    var hasEvents = false
    NumberSource(column: column, part: nil, selection: rows).eachBlock { block in
      for value in block {
        if value < 0, firstNegative == nil { firstNegative = seen }
        hasEvents = hasEvents || value > 0
        seen += 1
      }
    }
    if let firstNegative { throw .negativeCount(column: column.name, row: rows.row(firstNegative) + 1) }
    if !hasEvents { throw .noEvents(column: column.name) }
  }

  private static func missingCount(_ column: Column, _ rows: RowSelection) -> Int {
    if column.missingCount == 0 { return 0 }
    return switch rows {
    case .all: column.missingCount
    case .rows(let rows): rows.count { column.isMissing($0) }
    }
  }

  /// The distinct values of a column in order, as text.
  private static func distinct(_ column: Column, _ rows: RowSelection) throws(InferenceError) -> [String] {
    var classes: [String] = []
    var isTooMany = false
    if column.type.isNumeric {
      var values: [Double: Int] = [:]
      let source = NumberSource(column: column, part: nil, selection: rows)
      var seen = 0
      // Two that are known already, which saves looking them up.
      var latest = [Double.nan, .nan]
      source.eachBlock { block in
        // The first row that holds a value gives its text.
        for value in block {
          if !latest.contains(value), values.count <= mostClasses, values[value] == nil {
            values[value] = seen
            latest = [value, latest[0]]
          }
          seen += 1
        }
      }
      isTooMany = values.count > mostClasses
      classes = values.sorted { $0.key < $1.key }.compactMap { column.text(rows.row($0.value)) }
    } else {
      var seen: Set<[UInt8]> = []
      rows.each(of: column.rowCount) { row in
        if seen.count <= mostClasses, let text = column.text(row) { seen.insert(Array(text.utf8)) }
      }
      isTooMany = seen.count > mostClasses
      classes = seen.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
    if isTooMany { throw .tooManyClasses(column: column.name) }
    return classes
  }
}

extension RowSelection {
  fileprivate func each(of rowCount: Int, _ body: (Int) -> Void) {
    switch self {
    case .all: (0..<rowCount).forEach(body)
    case .rows(let rows): rows.forEach(body)
    }
  }
}
