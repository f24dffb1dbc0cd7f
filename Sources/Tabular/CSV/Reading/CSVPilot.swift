/// A first look at some records, to guess how each column is to be read. A guess that fails costs a second reading of the
/// column, nothing else.
struct CSVPilot {
  /// Records of a sample that are looked at.
  private static let recordLimit = 2000

  private var plans: [ColumnPlan]
  private let dialect: CSVDialect
  private let markers: MissingMarkers
  private let trims: Bool
  private let numbers: NumberDialect
  private var levels: [LevelTable]
  private var counts: [Int]
  private var hasHuge, hasFractions: [Bool]

  init(_ plans: [ColumnPlan], _ format: CSVFormat) {
    self.plans = plans
    dialect = format.dialect
    markers = MissingMarkers(format)
    trims = format.trims
    numbers = NumberDialect(format.dialect)
    levels = Array(repeating: LevelTable(), count: plans.count)
    counts = Array(repeating: 0, count: plans.count)
    hasHuge = Array(repeating: false, count: plans.count)
    hasFractions = hasHuge
  }

  /// Looks at the records that begin at the start of `text`; those that have another number of cells are passed over.
  mutating func look(at text: UnsafeBufferPointer<UInt8>) {
    var tokenizer = CSVTokenizer(text, dialect)
    var cells: [CellSpan] = []
    for _ in 0..<Self.recordLimit {
      cells.removeAll(keepingCapacity: true)
      // The sample may end within a record, or begin within a quoted cell.
      guard let record = try? tokenizer.nextRecord(into: &cells), record.offset < text.count,
        tokenizer.offset < text.count
      else { return }
      if cells.count == plans.count { look(cells, text) }
    }
  }

  private mutating func look(_ cells: [CellSpan], _ text: UnsafeBufferPointer<UInt8>) {
    for (index, cell) in cells.enumerated() {
      let (mode, declared) = (plans[index].mode, plans[index].declared)
      if declared != nil, declared != .category { continue }
      text.withContents(of: cell, dialect) { content, text in
        if declared == nil {
          if markers.contains(content) { return }
          let cellClass = numbers.cellClass(quickly: content)
          plans[index].mode = mode.widened(by: cellClass)
          if cellClass == .huge { hasHuge[index] = true }
          if CellClass.fractions.contains(cellClass) { hasFractions[index] = true }
        } else if markers.contains(content) {
          return
        }
        counts[index] += 1
        if levels[index].count <= plans[index].levelLimit { levels[index].insert(trims ? content : text) }
      }
    }
  }

  /// The plans as guessed. Levels that were seen come sorted, so that often no others are needed.
  func guess() -> [ColumnPlan] {
    plans.indices.map { index in
      var plan = plans[index]
      if plan.declared == nil, plan.mode == .number, hasHuge[index], !hasFractions[index] { plan.mode = .category }
      guard plan.mode == .category else { return plan }
      let found = levels[index]
      if plan.declared == nil, !TypeInference.isCategory(levels: found.count, present: counts[index]) {
        plan.mode = .text
        return plan
      }
      for level in found.sorted().levels {
        var level = level
        level.withUTF8 { _ = plan.levels.insert($0) }
      }
      return plan
    }
  }
}
