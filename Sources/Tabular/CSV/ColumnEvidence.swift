/// Where a cell stands, by what is cheap to keep while reading; `CSVSource.place` finds line and column.
struct CellPosition: Sendable, Hashable {
  /// Offset of the record in the file, and the lines before it.
  var recordOffset: Int
  var recordLine: Int
  /// Offset of the cell in the file.
  var cellOffset: Int
}

/// What has been seen of one column: how many cells of each class, where the first of each stands, and the distinct values
/// as long as they are few. Evidence of parts of a file is merged in file order.
struct ColumnEvidence: Sendable {
  private var counts = [Int](repeating: 0, count: CellClass.allCases.count)
  private var firsts = [CellPosition?](repeating: nil, count: CellClass.allCases.count)
  /// The distinct values that are not missing; nil once there are more than `levelLimit`.
  private(set) var levels: LevelTable? = LevelTable()
  private let levelLimit: Int

  /// A declared category keeps all its levels up to `TypeInference.declaredLevels`, a declared type of another kind none.
  init(declared: ColumnType?) {
    switch declared {
    case .category: levelLimit = TypeInference.declaredLevels
    case nil: levelLimit = TypeInference.manyLevels
    default:
      levelLimit = 0
      levels = nil
    }
  }

  func count(_ cellClass: CellClass) -> Int { counts[cellClass.rawValue] }

  func count(_ classes: [CellClass]) -> Int { classes.reduce(0) { $0 + counts[$1.rawValue] } }

  /// Cells that are not missing.
  var presentCount: Int { counts.reduce(0, +) - count(.missing) }

  /// The first cell in the file that is of one of these classes.
  func first(_ classes: [CellClass]) -> (cellClass: CellClass, position: CellPosition)? {
    classes.compactMap { candidate in firsts[candidate.rawValue].map { (candidate, $0) } }
      .min { $0.1.cellOffset < $1.1.cellOffset }
  }

  mutating func add(
    _ cellClass: CellClass, _ content: UnsafeBufferPointer<UInt8>, at position: @autoclosure () -> CellPosition
  ) {
    counts[cellClass.rawValue] += 1
    if counts[cellClass.rawValue] == 1 { firsts[cellClass.rawValue] = position() }
    if cellClass == .missing || levels == nil { return }
    levels?.insert(content)
    limitLevels()
  }

  /// Adds what was seen in a later part, whose lines count from its start.
  mutating func add(_ later: ColumnEvidence, linesBefore: Int) {
    for index in counts.indices {
      counts[index] += later.counts[index]
      if firsts[index] == nil, var first = later.firsts[index] {
        first.recordLine += linesBefore
        firsts[index] = first
      }
    }
    guard let more = later.levels else { return levels = nil }
    levels?.insert(more)
    limitLevels()
  }

  /// Says that the levels are too many already, so that they need not be collected.
  mutating func forgetLevels() { levels = nil }

  private mutating func limitLevels() {
    if let levels, levels.count > levelLimit { self.levels = nil }
  }
}
