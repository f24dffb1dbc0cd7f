package import Basics
import CSQLite
import Diagnostics

/// What to read of an SQLite database: a table or a view by name, what a query gives, or its only table.
package enum SQLiteSelection: Sendable, Hashable {
  case table(String)
  case query(String)
  case onlyTable
}

/// Takes rows out of an SQLite database, which is opened to be read and left as it is, all of one moment.
///
/// Types are those of the values, whatever the columns are declared as, joined over all rows: integers, numbers, texts; a
/// mixture of numbers and texts is text, with numbers in canonical form. Strings are untyped, so that dates can become such.
/// Binary values are an error. The digest of the source is that of nothing: the rows are to be kept and named by theirs.
///
/// Rows are kept in `folder` where they are many. Throws `SQLiteSourceError`, `TypedSourceError` for bad names of columns,
/// `FileError`, and `Cancelled` within a fraction of a second.
package func readSQLite(
  _ path: String, named name: String, _ selection: SQLiteSelection, folder: String, cancellation: Cancellation
) throws -> PiecedSource {
  let connection = try SQLiteConnection(path, named: name, cancellation)
  let rows = try connection.prepare(try query(selection, connection, name))
  let names = rows.columnNames
  try checkNames(names, of: name)
  var pieces = RowPieces(PieceSpool(folder: folder))
  var reader = SQLiteRowReader(rows, names: names, source: name)
  while let piece = try reader.next() {
    try cancellation.check()
    try pieces.add(piece)
  }
  try reader.checkBinary()
  if pieces.rowCount == 0 { throw TypedSourceError(name, [.noRows]) }
  return PiecedSource(pieces, named: name, digest: Digest(of: ""), hasUntypedStrings: true)
}

private func query(_ selection: SQLiteSelection, _ connection: SQLiteConnection, _ name: String) throws -> String {
  let list = "SELECT name FROM sqlite_schema WHERE type IN"
  func names(_ types: String) throws -> [String] {
    try connection.prepare("\(list) (\(types)) AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name").allTexts()
  }
  switch selection {
  case .query(let query): return query
  case .table(let table):
    let tables = try names("'table'")
    // Never through an index, so that the order of rows is that of the table.
    if tables.contains(table) { return "SELECT * FROM \(quotedName(table)) NOT INDEXED" }
    let views = try names("'view'")
    if views.contains(table) { return "SELECT * FROM \(quotedName(table))" }
    throw SQLiteSourceError(name, .missingTable(table, nearest: nearestName(to: table, among: tables + views)))
  case .onlyTable:
    let tables = try names("'table'")
    if tables.isEmpty { throw SQLiteSourceError(name, .noTables) }
    if tables.count > 1 { throw SQLiteSourceError(name, .severalTables(tables)) }
    return "SELECT * FROM \(quotedName(tables[0])) NOT INDEXED"
  }
}

/// Reads rows into columns, some thousand at a time.
private struct SQLiteRowReader {
  private static let pieceRows = 8192

  private let rows: SQLiteRows
  private let names: [String]
  private let source: String
  private var rowCount = 0
  /// Binary cells by column.
  private var binary: [(count: Int, firstRow: Int)]

  init(_ rows: SQLiteRows, names: [String], source: String) {
    self.rows = rows
    self.names = names
    self.source = source
    binary = Array(repeating: (0, 0), count: names.count)
  }

  /// Nil at the end.
  mutating func next() throws -> RowPiece? {
    let columns = names.map { _ in WideningColumn(capacity: Self.pieceRows) }
    var row = 0
    while row < Self.pieceRows, try rows.next() {
      for index in names.indices { try store(columns[index], row, index) }
      row += 1
    }
    rowCount += row
    return row == 0 ? nil : RowPiece(rowCount: row, columns: zip(names, columns).map { $1.cells(named: $0) })
  }

  private mutating func store(_ column: WideningColumn, _ row: Int, _ index: Int) throws {
    let statement = rows.statement
    let place = Int32(index)
    switch sqlite3_column_type(statement, place) {
    case SQLITE_INTEGER: column.set(row, integer: sqlite3_column_int64(statement, place))
    case SQLITE_FLOAT: column.set(row, number: sqlite3_column_double(statement, place))
    case SQLITE_TEXT:
      let start = sqlite3_column_text(statement, place)
      let text = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, place)))
      guard UnsafeRawBufferPointer(text).isUTF8 else {
        throw SQLiteSourceError(source, .notUTF8(column: names[index], row: rowCount + row + 1))
      }
      column.set(row, text: text)
    case SQLITE_BLOB:
      if binary[index].count == 0 { binary[index].firstRow = rowCount + row + 1 }
      binary[index].count += 1
    default: break
    }
  }

  /// Throws for the first column with binary cells.
  func checkBinary() throws(SQLiteSourceError) {
    for (name, cells) in zip(names, binary) where cells.count > 0 {
      throw SQLiteSourceError(source, .binary(column: name, count: cells.count, firstRow: cells.firstRow))
    }
  }
}
