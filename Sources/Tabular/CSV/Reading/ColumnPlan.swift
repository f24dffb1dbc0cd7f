/// How a column is to be read.
struct ColumnPlan: Sendable {
  let name: String
  /// Its place in a record.
  let position: Int
  let declared: ColumnType?
  var mode: ColumnMode
  /// The levels of a category as far as they are known; codes are their numbers.
  var levels = LevelTable()
  /// Whether a column of strings stays what it is, whatever its levels.
  var isDecided = false
  /// Where the first integer beyond 64 bits stands, of whole numbers that are kept as strings for it.
  var exactFrom: CellPosition?
  /// Whether it must be read again, since its mode did not hold all cells.
  var isWidened = false

  init(_ name: String, position: Int, declared: ColumnType?) {
    self.name = name
    self.position = position
    self.declared = declared
    mode = declared.map(ColumnMode.init(declared:)) ?? .nothing
    isDecided = declared != nil
  }

  var field: Field { Field(name: name, type: mode.type) }

  /// Levels that a category may have.
  var levelLimit: Int { declared == .category ? TypeInference.declaredLevels : TypeInference.manyLevels }

  /// Whether a cell of this class, not a missing one, can be stored.
  func admits(_ cellClass: CellClass) -> Bool {
    if let declared { return declared.accepted.contains(cellClass) }
    return mode.admits(cellClass)
  }

  mutating func widen(to wider: ColumnMode) {
    if wider == mode { return }
    mode = wider
    isWidened = true
    levels = LevelTable()
  }
}
