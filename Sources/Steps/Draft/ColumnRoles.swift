import Basics
import DataValidation
import Diagnostics
import Statistics
import Tabular

/// What the columns of a table seem to be for.
struct ColumnRoles {
  /// A column that alone tells the target nearly without fault.
  struct Leak {
    var name: String
    var association: Association
    /// Whether it does so by being there or missing, whatever stands in it.
    var isByPresence: Bool
  }

  let target: Column
  /// Why this one.
  let reason: String
  /// Other columns that could be told, at most a few.
  let candidates: [String]
  /// Columns that say which row it is.
  let identifiers: [String]
  /// The first date or timestamp without gaps that varies.
  let time: String?
  /// A column that says whose row it is, where several rows are of one: they must not be torn apart.
  let group: String?
  /// Texts of several words, where there is nothing else to learn from.
  let prose: [String]
  /// Columns that alone tell the target nearly without fault, and are left out.
  let leaks: [Leak]
  /// The same where nothing would be left to learn from without them, so that they are not left out.
  let keptLeaks: [Leak]

  /// Whether no column at all goes that closely with the target.
  var isFreeOfLeaks: Bool { leaks.isEmpty && keptLeaks.isEmpty }

  /// A column that goes more closely with the target than this is taken to be written down after it.
  static let leakLimit = 0.99

  /// Nil where there is no column to tell. Reads the whole table once or twice. Throws where the one that is named so, or
  /// `chosen`, is the same in every row.
  init?(_ table: Table, chosen: String?, cancellation: Cancellation) throws {
    let columns = table.schema.fields.indices.map { table.column($0) }
    let found = Self.candidates(columns)
    if let chosen {
      guard let column = table.column(named: chosen) else { return nil }
      (target, reason) = (column, "as asked for")
    } else {
      guard let first = found.first else { return nil }
      (target, reason) = first
    }
    let told = target
    if distinct(told, limit: 2) < 2 {
      throw Problems(
        .error(
          "constant-target",
          "column '\(told.name)'\(chosen == nil ? ", which is named like a target," : "") is the same in every row: there is nothing to tell",
          help: ["name another column with --target, or bring rows in which it differs"]), failure: .usage)
    }
    candidates = found.map(\.column.name).filter { $0 != told.name }
    let others = columns.filter { $0.name != told.name }
    let identifiers = others.filter(Self.isIdentifier).map(\.name)
    self.identifiers = identifiers
    time = others.first { $0.type.isTime && $0.missingCount == 0 && distinct($0, limit: 2) > 1 }?.name
    let group = time == nil ? others.first(where: Self.isGroup)?.name : nil
    self.group = group
    let used = others.filter { !identifiers.contains($0.name) && $0.name != group }
    let leaks = try Self.leaks(used, table, told.name, cancellation)
    // Where nothing else is left, a strong feature is better than none.
    let isDropped = used.contains { column in
      Self.isMeasured(column) && !leaks.contains { $0.name == column.name }
    }
    self.leaks = isDropped ? leaks : []
    keptLeaks = isDropped ? [] : leaks
    prose = used.allSatisfy { $0.type == .text } ? used.filter(Self.isProse).map(\.name) : []
  }

  /// Whether it can be told how closely the values of a column go with a target.
  private static func isMeasured(_ column: Column) -> Bool {
    ![.text, .sparse].contains(column.type) && !column.type.isTime
  }

  private static func leaks(
    _ columns: [Column], _ table: Table, _ target: String, _ cancellation: Cancellation
  ) throws -> [Leak] {
    guard table.rowCount > 20 else { return [] }
    let measured = columns.filter(isMeasured).map(\.name)
    let profile = try TableProfile(
      table, columns: measured, target: target, threads: processorCount(), cancellation: cancellation)
    let presences = try Association.ofPresence(
      in: table, with: target, threads: processorCount(), cancellation: cancellation)
    return columns.compactMap { column in
      if let association = profile.column(named: column.name)?.association, abs(association.value) > leakLimit {
        return Leak(name: column.name, association: association, isByPresence: false)
      }
      guard let index = table.schema.index(of: column.name), let association = presences[index],
        abs(association.value) > leakLimit
      else { return nil }
      return Leak(name: column.name, association: association, isByPresence: true)
    }
  }

  /// Columns that can be told, the likeliest first: by the names that people use, then from the last to the first.
  private static func candidates(_ columns: [Column]) -> [(column: Column, reason: String)] {
    let usual = [
      "target", "label", "class", "y", "outcome", "species", "diagnosis", "response", "churn", "churned", "price",
      "count", "default", "defaulted", "survived", "fraud", "is_fraud", "fraudulent", "spam", "is_spam", "converted",
      "purchased", "clicked",
    ]
    func fits(_ column: Column) -> Bool { column.type != .text && !column.type.isTime && column.type != .sparse }
    func varies(_ column: Column) -> Bool { distinct(column, limit: 2) > 1 }
    let named = columns.filter { usual.contains($0.name.lowercased()) && fits($0) }
    let rest = columns.reversed().filter { column in
      fits(column) && column.missingCount == 0 && varies(column) && !isIdentifier(column)
        && !named.contains { $0.name == column.name }
    }
    // One that is named so but never differs comes first where no other is: it is not passed over in silence.
    let differing = named.filter(varies)
    return (differing.isEmpty ? named : differing).map { ($0, "by its name") }
      + rest.map { ($0, "the last column that can be told; change it if it is another one") }
  }

  /// Whole numbers or texts that never repeat say which row it is, not what it is like: numbers only that are named so, and
  /// those without a name that number the rows.
  static func isIdentifier(_ column: Column) -> Bool {
    guard column.rowCount > 20, column.missingCount == 0,
      column.type == .integer || column.type == .text || column.type == .category
    else { return false }
    if column.type == .integer, !isNamedLikeIdentifier(column) { return isUnnamed(column) && numbersRows(column) }
    if isProse(column) { return false }
    return distinct(column, limit: column.rowCount) == column.rowCount
  }

  /// Whether the name is one that a reader gives to a column that has none: ours, or pandas'.
  private static func isUnnamed(_ column: Column) -> Bool {
    let name = column.name.lowercased()
    return name.hasPrefix("column_") && name.dropFirst(7).allSatisfy(\.isNumber) || name.hasPrefix("unnamed:")
  }

  /// Whether whole numbers are 0, 1, 2, … or 1, 2, 3, … from the first row to the last, as an index that was written with the data.
  private static func numbersRows(_ column: Column) -> Bool {
    var numbers = [Int64](repeating: 0, count: column.rowCount)
    numbers.withUnsafeMutableBufferPointer { column.readIntegers(0..<column.rowCount, into: $0) }
    return numbers[0] >= 0 && numbers[0] <= 1
      && numbers.enumerated().allSatisfy { row, number in number == numbers[0] + Int64(row) }
  }

  /// Whether a column says whose row it is: named as identifiers are, with two rows or more for each of its values.
  private static func isGroup(_ column: Column) -> Bool {
    guard column.rowCount > 20, column.missingCount == 0, isNamedLikeIdentifier(column),
      column.type == .integer || column.type == .text || column.type == .category
    else { return false }
    let values = distinct(column, limit: column.rowCount)
    return values >= 10 && column.rowCount >= 2 * values
  }

  private static func isNamedLikeIdentifier(_ column: Column) -> Bool {
    let name = column.name.lowercased()
    return name == "id" || name.hasSuffix("_id") || name.hasPrefix("id_") || name == "index" || name == "row"
      || name == "uuid" || name.hasSuffix("_key") || name.hasSuffix("_number") || name.hasSuffix("rownames")
  }

  /// Texts of which most have three words or more.
  private static func isProse(_ column: Column) -> Bool {
    guard column.type == .text else { return false }
    var (count, long) = (0, 0)
    for row in 0..<min(column.rowCount, 1000) {
      guard let text = column.text(row) else { continue }
      count += 1
      if text.split(separator: " ", maxSplits: 3).count > 2 { long += 1 }
    }
    return long * 2 > count
  }
}

/// The different values of a column of integers, ascending.
func levels(_ column: Column) -> [String] {
  var seen: Set<Int64> = []
  var values = [Int64](repeating: 0, count: column.rowCount)
  values.withUnsafeMutableBufferPointer { column.readIntegers(0..<column.rowCount, into: $0) }
  for (row, value) in values.enumerated() where !column.isMissing(row) { seen.insert(value) }
  return seen.sorted().map(String.init)
}

/// The number of different values, counted up to `limit`.
func distinct(_ column: Column, limit: Int) -> Int {
  if column.type == .category { return min(limit, column.dictionary.count) }
  var seen: Set<String> = []
  for row in 0..<column.rowCount where seen.count < limit {
    if let text = column.text(row) { seen.insert(text) }
  }
  return seen.count
}
