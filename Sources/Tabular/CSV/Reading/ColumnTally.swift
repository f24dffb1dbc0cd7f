/// What one thread found in the cells of one column within a row group.
struct ColumnTally {
  var evidence = ColumnEvidence()
  /// Cells that the plan cannot store.
  var misfits = ColumnEvidence()
  /// Of a category: how often each known level came, and where it came first.
  var levelCounts: [Int] = []
  var levelFirsts: [CellPosition?] = []
  /// Levels that were not known, with the same of each.
  var newLevels = LevelTable()
  var newCounts: [Int] = []
  var newFirsts: [CellPosition] = []
  /// Of a text: its distinct values as long as they could be those of a category.
  var textLevels: LevelTable? = LevelTable()
  /// The texts of the piece at hand.
  var textBytes: UnsafeMutablePointer<UInt8>?
  var textCount = 0

  init(_ plan: ColumnPlan) {
    guard plan.mode == .category else { return }
    levelCounts = [Int](repeating: 0, count: plan.levels.count)
    levelFirsts = [CellPosition?](repeating: nil, count: plan.levels.count)
  }
}
