import Basics
import DataValidation
import Statistics
import Tabular

/// What the columns of a table seem to be for.
struct ColumnRoles {
  let target: Column
  /// Why this one.
  let reason: String
  /// Other columns that could be told, at most a few.
  let candidates: [String]
  /// Columns that say which row it is.
  let identifiers: [String]
  /// The first date or timestamp without gaps that varies.
  let time: String?
  /// Columns that alone tell the target nearly without fault, with how closely.
  let leaks: [(name: String, association: Association)]

  /// Whether no column at all goes that closely with the target.
  let isFreeOfLeaks: Bool

  /// A column that goes more closely with the target than this is taken to be written down after it.
  static let leakLimit = 0.99

  /// Nil where there is no column to tell. Reads the whole table once or twice.
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
    candidates = found.map(\.column.name).filter { $0 != told.name }
    let others = columns.filter { $0.name != told.name }
    identifiers = others.filter(Self.isIdentifier).map(\.name)
    time = others.first { $0.type.isTime && $0.missingCount == 0 && distinct($0, limit: 2) > 1 }?.name
    let features = others.filter { ![.text, .sparse].contains($0.type) && !$0.type.isTime }.map(\.name)
    let identifiers = identifiers
    let profile = try TableProfile(
      table, columns: features.filter { !identifiers.contains($0) }, target: told.name, threads: processorCount(),
      cancellation: cancellation)
    let leaks = profile.columns.compactMap { column -> (name: String, association: Association)? in
      guard let association = column.association, abs(association.value) > Self.leakLimit else { return nil }
      return (column.name, association)
    }
    isFreeOfLeaks = leaks.isEmpty
    // Where nothing else is left, a strong feature is better than none.
    self.leaks = leaks.count < profile.columns.count && table.rowCount > 20 ? leaks : []
  }

  /// Columns that can be told, the likeliest first: by the names that people use, then from the last to the first.
  private static func candidates(_ columns: [Column]) -> [(column: Column, reason: String)] {
    let usual = [
      "target", "label", "class", "y", "outcome", "species", "diagnosis", "response", "churn", "churned", "price",
      "count",
      "default", "survived",
    ]
    func fits(_ column: Column) -> Bool { column.type != .text && !column.type.isTime && column.type != .sparse }
    let named = columns.filter { usual.contains($0.name.lowercased()) && fits($0) }
    let rest = columns.reversed().filter { column in
      fits(column) && column.missingCount == 0 && distinct(column, limit: 2) > 1 && !isIdentifier(column)
        && !named.contains { $0.name == column.name }
    }
    return named.map { ($0, "by its name") }
      + rest.map { ($0, "the last column that can be told; change it if it is another one") }
  }

  /// Whole numbers or texts that never repeat say which row it is, not what it is like.
  static func isIdentifier(_ column: Column) -> Bool {
    guard column.rowCount > 20, column.missingCount == 0,
      column.type == .integer || column.type == .text || column.type == .category
    else { return false }
    if column.type == .integer {
      let name = column.name.lowercased()
      guard
        name == "id" || name.hasSuffix("_id") || name.hasPrefix("id_") || name == "index" || name == "row"
          || name == "uuid" || name.hasSuffix("_key") || name.hasSuffix("_number") || name.hasSuffix("rownames")
      else { return false }
    }
    return distinct(column, limit: column.rowCount) == column.rowCount
  }
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

/// Whether whole numbers look like counts of something, for which a Poisson model is made: none negative, and either named as
/// counts are, or with zeros among them, a tail towards the large ones and at least half the spread of Poisson's.
func looksLikeCounts(_ column: Column) -> Bool {
  guard column.type == .integer, column.rowCount > 20, distinct(column, limit: 3) > 2 else { return false }
  var values = [Double](repeating: 0, count: column.rowCount)
  values.withUnsafeMutableBufferPointer { column.readNumbers(0..<column.rowCount, into: $0) }
  values.removeAll(where: \.isNaN)
  guard let least = values.min(), least >= 0, let most = values.max() else { return false }
  let name = column.name.lowercased()
  let words = name.split { !$0.isLetter }
  let usual: Set<Substring> = [
    "count", "counts", "cnt", "visits", "claims", "calls", "orders", "rentals", "accidents", "events", "n", "num",
    "clicks", "deaths", "births", "sales", "trips",
  ]
  if words.contains(where: usual.contains) { return true }
  let spread = standardDeviation(values)
  let centre = mean(values)
  // Codes and grades end soon; counts have a tail.
  let isSkewed = centre > 1.1 * median(values)
  return least == 0 && most > 10 && isSkewed && most > centre + 3 * centre.squareRoot()
    && spread * spread > 0.5 * centre && centre < 100
}
