import Basics
import Diagnostics
import Execution
import Inference
import Statistics
import Tabular

/// Which rows each fold learns from and which it is judged on.
///
/// - random: rows ranked by a hash of seed and row number are dealt out in turn;
/// - stratified: the same within each class, so that every fold has every class;
/// - by group: groups, the largest first and equal ones by the hash of their text, go to the fold with the fewest rows, so
///   that none is cut;
/// - by time: rows in order of time are cut into one block more than there are folds, rows of the same instant together;
///   fold k learns from blocks 0…k and is judged on block k + 1: never on the past.
struct FoldPlan: Sendable {
  let count: Int
  /// The fold that holds a row out, by position; with `isForward` its block, from 0 to `count`.
  let assignment: [Int32]
  let isForward: Bool

  /// Positions of the rows that fold `fold` learns from, ascending.
  func inside(_ fold: Int) -> [Int] {
    assignment.indices.filter { isForward ? assignment[$0] <= Int32(fold) : assignment[$0] != Int32(fold) }
  }

  /// Positions of the rows that fold `fold` is judged on, ascending.
  func outside(_ fold: Int) -> [Int] {
    let held = Int32(isForward ? fold + 1 : fold)
    return assignment.indices.filter { assignment[$0] == held }
  }

  /// - Parameters:
  ///   - rows: the training rows of the table, ascending.
  ///   - classes: the class of each; empty for numbers.
  init(_ settings: TrainingSettings, _ table: Table, rows: [Int], classes: [Double], seed: UInt64) throws {
    count = settings.folds
    guard rows.count >= 2 * count else {
      throw SettingProblem(
        ["tune", "folds"],
        .error(
          "too-few-rows", "\(rows.count) training rows are too few for \(count) folds",
          help: ["lower 'folds', or give numbers in place of what is tuned or fitted on folds"]))
    }
    let seed = derivedSeed(seed, "folds")
    var assignment = [Int32](repeating: 0, count: rows.count)
    switch settings.foldRule {
    case .random, .stratified:
      isForward = false
      let isStratified = settings.foldRule == .stratified && !classes.isEmpty
      let ranked = rows.indices.map { position in
        (isStratified ? classes[position] : 0, rowHash(seed: seed, row: UInt64(rows[position])), position)
      }.sorted { $0 < $1 }
      for (rank, entry) in ranked.enumerated() { assignment[entry.2] = Int32(rank % count) }
    case .group(let name):
      isForward = false
      try Self.deal(try Self.column(name, "group", in: table), rows, seed, count, into: &assignment)
    case .time(let name):
      isForward = true
      try Self.cut(try Self.column(name, "time", in: table), rows, count, into: &assignment)
    }
    self.assignment = assignment
  }

  /// Every fold must have rows of every class to learn from. `targets` are indices into `names`.
  func checkClasses(_ targets: [Double], names: [String], target: String) throws {
    for (index, name) in names.enumerated() {
      let own = targets.indices.filter { targets[$0] == Double(index) }
      for fold in 0..<count {
        let isLearned = own.contains { isForward ? assignment[$0] <= Int32(fold) : assignment[$0] != Int32(fold) }
        if isLearned { continue }
        throw SettingProblem(
          ["tune", "by"],
          .error(
            "class-in-one-fold",
            "fold \(fold + 1) has no row of the class '\(name)' of '\(target)' to learn from (\(own.count) in the training rows)",
            help: ["use more rows of it, deal rows out stratified, or merge rare classes"]))
      }
    }
  }

  private static func column(_ name: String, _ rule: String, in table: Table) throws -> Column {
    guard let column = table.column(named: name) else {
      throw SettingProblem(["tune", "by", rule], unknownColumn(name, in: table, role: "'\(rule)' of the folds"))
    }
    if let refusal = refusalOfSparse(column, name) { throw SettingProblem(["tune", "by", rule], refusal) }
    return column
  }

  private static func deal(
    _ column: Column, _ rows: [Int], _ seed: UInt64, _ count: Int, into assignment: inout [Int32]
  ) throws {
    var groups: [String?: [Int]] = [:]
    for (position, row) in rows.enumerated() { groups[column.text(row), default: []].append(position) }
    guard groups.count >= count else {
      throw SettingProblem(
        ["tune", "by", "group"],
        .error(
          "too-few-groups",
          "column '\(column.name)' has \(groups.count) groups in the training rows, which are too few for \(count) folds",
          help: ["lower 'folds' to \(max(2, groups.count)), or deal rows out at random"]))
    }
    let ranked = groups.map { text, positions in
      (-positions.count, Digest(of: "\(seed)\u{0}" + (text ?? "\u{0}missing")).leadingWord, positions)
    }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    var sizes = [Int](repeating: 0, count: count)
    for (_, _, positions) in ranked {
      var fold = 0
      for other in 1..<count where sizes[other] < sizes[fold] { fold = other }
      sizes[fold] += positions.count
      for position in positions { assignment[position] = Int32(fold) }
    }
  }

  private static func cut(
    _ column: Column, _ rows: [Int], _ count: Int, into assignment: inout [Int32]
  ) throws {
    guard column.type.isTime || column.type == .integer || column.type == .number else {
      throw SettingProblem(
        ["tune", "by", "time"],
        .error(
          "not-a-time", "column '\(column.name)' holds \(column.type.rawValue), expected dates, timestamps or numbers"))
    }
    var times = [Double](repeating: 0, count: rows.count)
    times.withUnsafeMutableBufferPointer { out in
      RowSelection.rows(rows).gather(0..<rows.count, into: out) { rows, out in column.readNumbers(rows, into: out) }
    }
    if let missing = times.firstIndex(where: \.isNaN) {
      throw SettingProblem(
        ["tune", "by", "time"],
        .error(
          "missing-time", "column '\(column.name)' is missing in row \(rows[missing] + 1), so it has no place in time",
          help: ["mend the column, or leave such rows out"]))
    }
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    var block = 0
    for (rank, position) in order.enumerated() {
      let wanted = rank * (count + 1) / order.count
      if wanted > block, rank > 0, times[order[rank - 1]] < times[position] { block += 1 }
      assignment[position] = Int32(block)
    }
    guard block == count else {
      throw SettingProblem(
        ["tune", "by", "time"],
        .error(
          "too-few-times",
          "column '\(column.name)' has too few different times, or too many rows at one, for \(count) folds",
          help: ["lower 'folds'"]))
    }
  }
}
