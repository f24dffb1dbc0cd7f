import Basics
import Diagnostics
import Execution
import Statistics
import Tabular

/// The part a row belongs to.
enum RowPart: String, CaseIterable, Sendable { case train, validation, test }

/// Assigns rows to parts. Every row gets exactly one part, decided by a hash of seed and row number (or group), or by time,
/// and stays in it when rows are appended, as far as the way of splitting allows:
///
/// - a share of random rows: row i is held out when hash(seed, i) / 2⁶⁴ < share;
/// - a number of rows: those with the smallest hashes;
/// - stratified: within each level, round(share × rows of the level) rows with the smallest hashes;
/// - by group: the hash is that of the group's text, so a group is never cut;
/// - by time: the newest rows; rows of the same instant stay together, on the newer side.
struct RowSplitter {
  let table: Table
  let settings: JSON
  let seed: UInt64

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
    return column
  }

  private func hash(_ row: Int) -> UInt64 { rowHash(seed: derivedSeed(seed, "split"), row: UInt64(row)) }

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
    let position = Double(hash >> 11) * 0x1p-53
    return position < test ? .test : position < test + validation ? .validation : .train
  }

  /// Smallest hashes first within each stratum.
  private func assignWithin(_ strata: [[Int]], _ test: Amount?, _ validation: Amount?) -> [RowPart] {
    var parts = [RowPart](repeating: .train, count: table.rowCount)
    let total = max(1, table.rowCount)
    func share(_ amount: Amount?) -> Double {
      switch amount {
      case .share(let share): share
      case .count(let count): Double(count) / Double(total)
      case nil: 0
      }
    }
    for stratum in strata {
      let ranked = stratum.map { (hash($0), $0) }.sorted { $0 < $1 }
      let single = strata.count == 1
      let testRows = single ? test?.rows(of: stratum.count) ?? 0 : Int((share(test) * Double(stratum.count)).rounded())
      let validationRows =
        single ? validation?.rows(of: stratum.count) ?? 0 : Int((share(validation) * Double(stratum.count)).rounded())
      for (rank, entry) in ranked.enumerated() {
        parts[entry.1] = rank < testRows ? .test : rank < testRows + validationRows ? .validation : .train
      }
    }
    return parts
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
    guard column.type == .date || column.type == .integer || column.type == .number else {
      throw SettingProblem(
        ["time"],
        .error("not-a-time", "column '\(column.name)' holds \(column.type.rawValue), expected dates or numbers"))
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
