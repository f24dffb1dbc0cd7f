import Basics

/// Some rows, in columns.
struct RowPiece: Sendable {
  struct Column: Sendable {
    var name: String
    /// Nil where nothing tells: there is only null.
    var type: ColumnType?
    /// Nil where all is missing. Room for more rows than there are; a `category` of texts has levels.
    var cells: TypedColumn?
    /// Where a value of each type came first.
    var firstRows: [ColumnType: Int] = [:]
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
  /// The cells that made each column wider than it was.
  private(set) var steps: [[ColumnInference.Step]] = []
  private var positions: [String: Int] = [:]
  private(set) var rowCount = 0

  init(_ spool: PieceSpool) { self.spool = spool }

  mutating func add(_ piece: RowPiece) throws {
    if piece.rowCount == 0 { return }
    var kept = Piece(rowCount: piece.rowCount, columns: [])
    for column in piece.columns {
      let index = position(of: column.name)
      guard let type = column.type else { continue }
      note(column, index)
      types[index] = types[index].map { $0.joined(with: type) ?? .text } ?? type
      guard let cells = column.cells else { continue }
      kept.columns.append((index, try spool.keep(cells, rows: piece.rowCount), type))
    }
    pieces.append(kept)
    rowCount += piece.rowCount
  }

  /// Notes the cells of a piece by which a column becomes wider.
  private mutating func note(_ column: RowPiece.Column, _ index: Int) {
    var known = types[index]
    for (type, row) in column.firstRows.sorted(by: { $0.value < $1.value }) {
      let wider = known.map { $0.joined(with: type) ?? .text } ?? type
      if let from = known, from != wider, let text = column.text(row) {
        steps[index].append(
          ColumnInference.Step(from: from, to: wider, row: rowCount + row + 1, text: text))
      }
      known = wider
    }
  }

  private mutating func position(of name: String) -> Int {
    if let known = positions[name] { return known }
    positions[name] = names.count
    names.append(name)
    types.append(nil)
    steps.append([])
    return names.count - 1
  }

  /// Columns, but those that hold only null where others are objects.
  var keptColumns: [Int] {
    let prefixes = Set(
      names.flatMap { name in
        name.indices.filter { name[$0] == "." }.map { String(name[..<$0]) }
      })
    return names.indices.filter { types[$0] != nil || !prefixes.contains(names[$0]) }
  }
}

extension RowPiece.Column {
  /// What stands in a row, as text.
  fileprivate func text(_ row: Int) -> String? {
    guard let cells else { return nil }
    let segment = cells.buffer.segment
    guard !segment.isMissing(row) else { return nil }
    if let levels = cells.levels {
      return String(decoding: levels.segment.text(Int(segment.int32(row))), as: UTF8.self)
    }
    return Column(
      field: Field(name: name, type: type ?? .text), dictionary: [], segments: [segment], segmentRows: segment.rowCount,
      owners: [cells.buffer]
    ).text(row)
  }
}
