/// Where a cell stands, by what is cheap to keep while reading; `CSVSource.place` finds line and column.
struct CellPosition: Sendable, Hashable {
  /// Where a piece begins in the text, and the lines before it.
  var pieceOffset: Int
  var pieceLine: Int
  /// Where the record begins in the text.
  var recordOffset: Int
  /// The position of the cell in the record.
  var column: Int

  init(_ piece: Piece, record: Int, column: Int) {
    pieceOffset = piece.offset
    pieceLine = piece.line
    recordOffset = piece.offset + record
    self.column = column
  }
}

/// What was seen of the cells of a column: how many of each class, and where the first of each stands.
struct ColumnEvidence: Sendable {
  private var counts = [Int](repeating: 0, count: CellClass.allCases.count)
  private var firsts = [CellPosition?](repeating: nil, count: CellClass.allCases.count)
  /// Texts with space around them that are not quoted, and the first.
  private(set) var spacedCount = 0
  private(set) var firstSpaced: CellPosition?

  func count(_ cellClass: CellClass) -> Int { counts[cellClass.rawValue] }

  func count(_ classes: [CellClass]) -> Int { classes.reduce(0) { $0 + counts[$1.rawValue] } }

  /// Cells that are not missing.
  var presentCount: Int { counts.reduce(0, +) - count(.missing) }

  /// The first cell in the file that is of one of these classes.
  func first(_ classes: [CellClass]) -> (cellClass: CellClass, position: CellPosition)? {
    classes.compactMap { candidate in firsts[candidate.rawValue].map { (candidate, $0) } }
      .min { $0.1.recordOffset < $1.1.recordOffset }
  }

  /// Adds a cell that stands behind those added before.
  mutating func add(_ cellClass: CellClass, at position: @autoclosure () -> CellPosition) {
    let index = cellClass.rawValue
    if firsts[index] == nil { firsts[index] = position() }
    counts[index] += 1
  }

  /// Adds cells of a class, of which the first stands at `position`.
  mutating func add(_ cellClass: CellClass, count: Int, first position: CellPosition) {
    let index = cellClass.rawValue
    counts[index] += count
    if firsts[index].map({ position.recordOffset < $0.recordOffset }) ?? true { firsts[index] = position }
  }

  mutating func addSpaced(at position: @autoclosure () -> CellPosition) {
    if spacedCount == 0 { firstSpaced = position() }
    spacedCount += 1
  }

  mutating func add(_ other: ColumnEvidence) {
    if let first = other.firstSpaced {
      if firstSpaced.map({ first.recordOffset < $0.recordOffset }) ?? true { firstSpaced = first }
      spacedCount += other.spacedCount
    }
    for cellClass in CellClass.allCases {
      if let first = other.firsts[cellClass.rawValue] { add(cellClass, count: other.count(cellClass), first: first) }
    }
  }
}
