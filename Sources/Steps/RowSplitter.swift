import Basics
import Diagnostics
import Execution
import Statistics
import Tabular

/// The part a row belongs to.
enum RowPart: String, CaseIterable, Sendable {
  case train, validation, test

  /// Its place among all cases.
  var index: Int {
    switch self {
    case .train: 0
    case .validation: 1
    case .test: 2
    }
  }
}

/// Assigns rows to parts. Every row gets exactly one part, decided by a hash of seed and row number (or group), or by time,
/// and stays in it when rows are appended, as far as the way of splitting allows:
///
/// - a share of random rows: row i is held out when hash(seed, i) / 2⁶⁴ < share;
/// - a number of rows: those with the smallest hashes;
/// - stratified: the rows with the smallest hashes within each level; each level gets its proportional number, rounded down,
///   and what is left to the whole amount goes to the levels with the largest remainders;
/// - by group: the hash is that of the group's text, so a group is never cut;
/// - by time: the newest rows; rows of the same instant stay together, on the newer side.
struct RowSplitter {
  let table: Table
  let settings: JSON
  let seed: UInt64
  private let rowSeed: UInt64

  init(table: Table, settings: JSON, seed: UInt64) {
    self.table = table
    self.settings = settings
    self.seed = seed
    rowSeed = derivedSeed(seed, "split")
  }

  private enum Amount {
    case share(Double)
    case count(Int)

    init?(_ json: JSON?) {
      switch json {
      case .integer(let count): self = .count(Int(count))
      case .number(let share): self = .share(share)
      default: return nil
      }
    }

    func rows(of total: Int) -> Int {
      switch self {
      case .share(let share): Int((share * Double(total)).rounded())
      case .count(let count): count
      }
    }
  }

  func assign() throws -> [RowPart] {
    let test = Amount(settings["test"])
    let validation = Amount(settings["validation"])
    let parts: [RowPart]
    if let name = settings["time"]?.stringValue {
      parts = try assignByTime(column(name, "time"), test, validation)
    } else if let name = settings["group"]?.stringValue {
      parts = try assignByGroup(column(name, "group"), test, validation)
    } else if let name = settings["stratify"]?.stringValue {
      parts = assignWithin(strata(try column(name, "stratify")), test, validation)
    } else {
      parts = assignRandomly(test, validation)
    }
    for part in [RowPart.train, .test] where !parts.contains(part) {
      throw SettingProblem(
        ["test"],
        .error(
          "empty-part", "the \(part.rawValue) part would have none of the \(table.rowCount) rows",
          help: ["hold out another amount, or use more data"]))
    }
    return parts
  }

  private func column(_ name: String, _ setting: String) throws -> Column {
    guard let column = table.column(named: name) else {
      throw SettingProblem([setting], unknownColumn(name, in: table, role: "'\(setting)'"))
    }
    if let refusal = refusalOfSparse(column, name) { throw SettingProblem([setting], refusal) }
    return column
  }

  private func hash(_ row: Int) -> UInt64 { rowHash(seed: rowSeed, row: UInt64(row)) }

  private func assignRandomly(_ test: Amount?, _ validation: Amount?) -> [RowPart] {
    if case .share(let testShare)? = test, validation.map({ if case .share = $0 { true } else { false } }) ?? true {
      let validationShare: Double = if case .share(let share)? = validation { share } else { 0 }
      return (0..<table.rowCount).map { row in
        part(ofHash: hash(row), testShare, validationShare)
      }
    }
    return assignWithin([Array(0..<table.rowCount)], test, validation)
  }

  private func part(ofHash hash: UInt64, _ test: Double, _ validation: Double) -> RowPart {
    let position = unitInterval(hash)
    return position < test ? .test : position < test + validation ? .validation : .train
  }

  /// Smallest hashes first within each stratum.
  private func assignWithin(_ strata: [[Int]], _ test: Amount?, _ validation: Amount?) -> [RowPart] {
    var parts = [RowPart](repeating: .train, count: table.rowCount)
    let testRows = allotments(of: test?.rows(of: table.rowCount) ?? 0, among: strata.map(\.count))
    let rest = zip(strata, testRows).map { $0.count - $1 }
    let validationRows = allotments(of: validation?.rows(of: table.rowCount) ?? 0, among: rest)
    for (index, stratum) in strata.enumerated() {
      let ranked = stratum.map { (hash($0), $0) }.sorted { $0 < $1 }
      for (rank, entry) in ranked.enumerated() {
        parts[entry.1] =
          rank < testRows[index] ? .test : rank < testRows[index] + validationRows[index] ? .validation : .train
      }
    }
    return parts
  }

  /// How many rows of each stratum make up `wanted` rows: proportional to their sizes by the largest remainders (Hamilton's
  /// method), of equal ones that of the earlier stratum. All rows where more are wanted than there are.
  private func allotments(of wanted: Int, among sizes: [Int]) -> [Int] {
    let total = sizes.reduce(0, +)
    guard wanted < total else { return sizes }
    // In whole numbers, so that equal remainders are equal.
    let exact = sizes.map { (wanted * $0).quotientAndRemainder(dividingBy: total) }
    var rows = exact.map(\.quotient)
    let byRemainder = sizes.indices.sorted { (exact[$1].remainder, $0) < (exact[$0].remainder, $1) }
    for index in byRemainder.prefix(wanted - rows.reduce(0, +)) { rows[index] += 1 }
    return rows
  }

  /// The rows of each value, values in the order of their bytes, missing last.
  private func strata(_ column: Column) -> [[Int]] {
    var rows: [String: [Int]] = [:]
    var missing: [Int] = []
    for row in 0..<table.rowCount {
      if let text = column.text(row) { rows[text, default: []].append(row) } else { missing.append(row) }
    }
    let sorted = rows.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
    return missing.isEmpty ? sorted : sorted + [missing]
  }

  private func assignByGroup(_ column: Column, _ test: Amount?, _ validation: Amount?) throws -> [RowPart] {
    let groups = strata(column)
    var parts = [RowPart](repeating: .train, count: table.rowCount)
    // Groups in the order of their hashes are held out until the amount is reached.
    let ranked = groups.map { rows in
      (Digest(of: "\(seed)\u{0}" + (column.text(rows[0]) ?? "\u{0}missing")).leadingWord, rows)
    }.sorted { $0.0 < $1.0 }
    let testRows = test?.rows(of: table.rowCount) ?? 0
    let validationRows = validation?.rows(of: table.rowCount) ?? 0
    var taken = 0
    for (_, rows) in ranked {
      let part: RowPart = taken < testRows ? .test : taken < testRows + validationRows ? .validation : .train
      for row in rows { parts[row] = part }
      taken += rows.count
    }
    return parts
  }

  private func assignByTime(_ column: Column, _ test: Amount?, _ validation: Amount?) throws -> [RowPart] {
    guard column.type.isTime || column.type == .integer || column.type == .number else {
      throw SettingProblem(
        ["time"],
        .error(
          "not-a-time", "column '\(column.name)' holds \(column.type.rawValue), expected dates, timestamps or numbers"))
    }
    guard column.missingCount == 0 else {
      throw SettingProblem(
        ["time"], .error("missing-time", "column '\(column.name)' is missing in \(column.missingCount) rows"))
    }
    var times = [Double](repeating: 0, count: table.rowCount)
    times.withUnsafeMutableBufferPointer { column.readNumbers(0..<table.rowCount, into: $0) }
    let sorted = times.sorted()
    func boundary(_ rows: Int) -> Double {
      rows <= 0 ? .infinity : sorted[max(0, sorted.count - rows)]
    }
    let testRows = test?.rows(of: table.rowCount) ?? 0
    let testFrom = boundary(testRows)
    let validationFrom = validation.map { boundary(testRows + $0.rows(of: table.rowCount)) } ?? .infinity
    return times.map { $0 >= testFrom ? .test : $0 >= validationFrom ? .validation : .train }
  }
}
