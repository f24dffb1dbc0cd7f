/// What a reading of a CSV file found so far, and how it goes on.
struct PassFindings {
  private(set) var plans: [ColumnPlan]
  var problems: PassProblems
  /// Rows kept.
  var rowCount = 0
  /// Records left out.
  var rejected = 0
  /// Of each column, as far as it was read in its mode.
  private var evidence: [ColumnEvidence]
  /// Of each category, how often each level came and where it came first.
  private var levelTallies: [[(count: Int, first: CellPosition?)]]
  /// Of each text, its distinct values as long as they could be those of a category.
  private var textLevels: [LevelTable?]

  /// Nil where strings are no numbers, whatever they look like.
  private let numbers: NumberDialect?
  /// Whether rows with cells that their declared types cannot hold are left out.
  private let quarantines: Bool

  init(_ plans: [ColumnPlan], _ numbers: NumberDialect?, quarantines: Bool) {
    self.plans = plans
    self.numbers = numbers
    self.quarantines = quarantines
    problems = PassProblems(columnCount: plans.count)
    evidence = Array(repeating: ColumnEvidence(), count: plans.count)
    levelTallies = plans.map { Array(repeating: (0, nil), count: $0.levels.count) }
    textLevels = plans.map { $0.mode == .text && !$0.isDecided ? LevelTable() : nil }
  }

  /// Adds what the readers found in a group, and gives the new levels in it their codes.
  mutating func merge(_ readers: [[ColumnTally]], _ columns: [GroupColumn], rowCount: Int) {
    for index in plans.indices {
      let tallies = readers.map { $0[index] }
      if plans[index].declared != nil, !quarantines {
        for tally in tallies { problems.add(tally.misfits, column: index) }
      }
      for tally in tallies { widen(index, by: tally.misfits) }
      if plans[index].isWidened { continue }
      for tally in tallies { evidence[index].add(tally.evidence) }
      if plans[index].mode == .category { mergeLevels(index, tallies, columns[index], rowCount) }
      if plans[index].mode == .text { mergeTextLevels(index, tallies) }
    }
  }

  private mutating func widen(_ index: Int, by misfits: ColumnEvidence) {
    if plans[index].declared != nil { return }
    var mode = plans[index].mode
    for cellClass in CellClass.allCases where misfits.count(cellClass) > 0 { mode = mode.widened(by: cellClass) }
    plans[index].widen(to: mode)
  }

  private mutating func mergeLevels(_ index: Int, _ tallies: [ColumnTally], _ column: GroupColumn, _ rowCount: Int) {
    for tally in tallies {
      for level in tally.levelCounts.indices where tally.levelCounts[level] > 0 {
        count(index, level, tally.levelCounts[level], tally.levelFirsts[level])
      }
    }
    let isNew = tallies.contains { $0.newLevels.count > 0 }
    guard isNew else { return }
    let codes = tallies.map { tally in
      (0..<tally.newLevels.count).map { level -> Int32 in
        let code = tally.newLevels.withLevel(level) { plans[index].levels.insert($0) }
        while levelTallies[index].count <= code { levelTallies[index].append((0, nil)) }
        count(index, code, tally.newCounts[level], tally.newFirsts[level])
        return Int32(truncatingIfNeeded: code)
      }
    }
    if plans[index].levels.count > plans[index].levelLimit {
      if plans[index].declared == nil { plans[index].widen(to: .text) } else { problems.addTooManyLevels(index) }
      return
    }
    for row in 0..<rowCount where column.codes[row] < -1 {
      guard column.validity[row >> 6] & (1 << UInt64(row & 63)) != 0 else { continue }
      let (reader, level) = ProvisionalCode.origin(of: column.codes[row], readerCount: tallies.count)
      column.codes[row] = codes[reader][level]
    }
  }

  private mutating func count(_ index: Int, _ level: Int, _ count: Int, _ first: CellPosition?) {
    levelTallies[index][level].count += count
    guard let first else { return }
    if levelTallies[index][level].first.map({ first.recordOffset < $0.recordOffset }) ?? true {
      levelTallies[index][level].first = first
    }
  }

  private mutating func mergeTextLevels(_ index: Int, _ tallies: [ColumnTally]) {
    for tally in tallies {
      guard var union = textLevels[index], let more = tally.textLevels else {
        textLevels[index] = nil
        return
      }
      union.insert(more)
      textLevels[index] = union.count > TypeInference.manyLevels ? nil : union
    }
  }

  /// Settles which strings are categories, when all rows were read: columns that are not what they were read as are
  /// widened.
  mutating func decide() {
    for index in plans.indices where !plans[index].isWidened && !plans[index].isDecided {
      let evidence = evidence(of: index)
      if let settled = TypeInference.settled(plans[index].mode, evidence) {
        if settled == .text { plans[index].exactFrom = evidence.first([.huge])?.position }
        plans[index].isDecided = settled == .number
        plans[index].widen(to: settled)
        continue
      }
      let present = evidence.presentCount
      if plans[index].mode == .category {
        if !TypeInference.isCategory(levels: plans[index].levels.count, present: present) {
          plans[index].widen(to: .text)
          plans[index].isDecided = true
        }
      } else if plans[index].mode == .text, let found = textLevels[index], present > 0,
        TypeInference.isCategory(levels: found.count, present: present)
      {
        plans[index].widen(to: .category)
        plans[index].isDecided = true
        for level in found.sorted().levels {
          var level = level
          level.withUTF8 { _ = plans[index].levels.insert($0) }
        }
      }
    }
  }

  /// What was seen of a column that was read in one mode from its first row to its last.
  func evidence(of index: Int) -> ColumnEvidence {
    var evidence = evidence[index]
    guard plans[index].mode == .category, plans[index].declared == nil, let numbers else { return evidence }
    for (level, tally) in levelTallies[index].enumerated() {
      guard let first = tally.first else { continue }
      let cellClass = plans[index].levels.withLevel(level) { numbers.cellClass($0.trimmed) }
      evidence.add(cellClass, count: tally.count, first: first)
    }
    return evidence
  }
}
