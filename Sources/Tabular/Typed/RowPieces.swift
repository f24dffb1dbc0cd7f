import Basics

/// Some rows, in columns.
struct RowPiece: Sendable {
  struct Column: Sendable {
    var name: String
    /// Nil where nothing tells: there is only null.
    var type: ColumnType?
    /// Nil where all is missing. Room for more rows than there are; a `category` of texts has levels.
    var cells: TypedColumn?
  }

  var rowCount: Int
  var columns: [Column]
}

/// Pieces of rows as they come from a source that has no schema, or is read once.
struct RowPieces {
  struct Piece {
    var rowCount: Int
    var columns: [(index: Int, kept: PieceSpool.Kept, type: ColumnType)]
  }

  let spool: PieceSpool
  var pieces: [Piece] = []
  /// All columns in the order of their first appearance, and the narrowest type that holds what was seen.
  var names: [String] = []
  var types: [ColumnType?] = []
  private var positions: [String: Int] = [:]
  private(set) var rowCount = 0

  init(_ spool: PieceSpool) { self.spool = spool }

  mutating func add(_ piece: RowPiece) throws {
    if piece.rowCount == 0 { return }
    var kept = Piece(rowCount: piece.rowCount, columns: [])
    for column in piece.columns {
      let index = position(of: column.name)
      guard let type = column.type else { continue }
      types[index] = types[index].map { $0.joined(with: type) ?? .text } ?? type
      guard let cells = column.cells else { continue }
      kept.columns.append((index, try spool.keep(cells, rows: piece.rowCount), type))
    }
    pieces.append(kept)
    rowCount += piece.rowCount
  }

  private mutating func position(of name: String) -> Int {
    if let known = positions[name] { return known }
    positions[name] = names.count
    names.append(name)
    types.append(nil)
    return names.count - 1
  }

  /// Columns, but those that hold only null where others are objects.
  var keptColumns: [Int] {
    let prefixes = objectNames(names)
    return names.indices.filter { types[$0] != nil || !prefixes.contains(names[$0]) }
  }
}
