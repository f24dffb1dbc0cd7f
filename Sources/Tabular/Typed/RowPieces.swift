import Basics
import Diagnostics

/// Some rows, in columns.
struct RowPiece: Sendable {
  struct Column: Sendable {
    var name: String
    /// Nil where nothing tells: there is only null.
    var type: ColumnType?
    /// Nil where all is missing. Room for more rows than there are; a `category` of texts has levels.
    var cells: TypedColumn?
    /// The rows of the first integer beyond 64 bits, and of the first that no double holds; whether numbers with a fraction
    /// came.
    var firstHuge, firstRoundable: Int?
    var hasFractions = false
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
  /// The lines of the first integers beyond 64 bits, by column, and of the first that no double holds; columns with numbers
  /// that have a fraction.
  private var huge: [Int: Int] = [:]
  private var roundable: [Int: Int] = [:]
  private var fractions: Set<Int> = []
  /// By the bytes of the names: characters may be written in several ways.
  private var positions: [[UInt8]: Int] = [:]
  private(set) var rowCount = 0

  init(_ spool: PieceSpool) { self.spool = spool }

  /// Adds rows; `line` gives the line of one, counted from 1, where the source has lines.
  mutating func add(_ piece: RowPiece, line: (Int) -> Int = { $0 + 1 }) throws {
    if piece.rowCount == 0 { return }
    var kept = Piece(rowCount: piece.rowCount, columns: [])
    for column in piece.columns {
      let index = position(of: column.name)
      if let row = column.firstHuge, huge[index] == nil { huge[index] = line(row) }
      if let row = column.firstRoundable, roundable[index] == nil { roundable[index] = line(row) }
      if column.hasFractions { fractions.insert(index) }
      guard let type = column.type else { continue }
      types[index] = types[index].map { $0.joined(with: type) ?? .text } ?? type
      guard let cells = column.cells else { continue }
      kept.columns.append((index, try spool.keep(cells, rows: piece.rowCount), type))
    }
    pieces.append(kept)
    rowCount += piece.rowCount
  }

  private mutating func position(of name: String) -> Int {
    let bytes = Array(name.utf8)
    if let known = positions[bytes] { return known }
    positions[bytes] = names.count
    names.append(name)
    types.append(nil)
    return names.count - 1
  }

  /// Columns whose integers beyond 64 bits lose digits as numbers, and are no numbers: they stand among whole ones or texts.
  var exactColumns: Set<[UInt8]> {
    Set(huge.keys.filter { types[$0] == .text || !fractions.contains($0) }.map { Array(names[$0].utf8) })
  }

  /// Those of them that hold nothing but whole numbers.
  var wholeColumns: Set<[UInt8]> {
    Set(huge.keys.filter { types[$0] != .text && !fractions.contains($0) }.map { Array(names[$0].utf8) })
  }

  /// What there is to say of integers that doubles round, or would: of the columns of `exact` and of numbers.
  func notes(_ fields: [Field], exact: Set<[UInt8]>, declared: [String: ColumnType], file: String) -> [Diagnostic] {
    fields.filter { declared[$0.name] == nil }.compactMap { field in
      guard let index = positions[Array(field.name.utf8)] else { return nil }
      if exact.contains(Array(field.name.utf8)) {
        return .hugeIntegers(field.name, field.type, at: Place(file: file, line: huge[index]))
      }
      guard field.type == .number, let line = roundable[index] else { return nil }
      return .roundedIntegers(field.name, at: Place(file: file, line: line))
    }
  }

  /// Columns, but those that hold only null where others are objects.
  var keptColumns: [Int] {
    let prefixes = objectNames(names)
    return names.indices.filter { types[$0] != nil || !prefixes.contains(names[$0]) }
  }
}
