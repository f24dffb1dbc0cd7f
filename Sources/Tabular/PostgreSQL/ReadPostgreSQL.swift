package import Basics
import Diagnostics

/// Whether a source is the address of a PostgreSQL database.
package func isPostgreSQLAddress(_ text: String) -> Bool {
  text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
}

/// What to read of a PostgreSQL database: a table or a view by name, or what a query gives.
package enum PostgreSQLSelection: Sendable, Hashable {
  /// `name` or `schema.name`.
  case table(String)
  case query(String)
}

/// Takes rows out of a PostgreSQL database, in one transaction that only reads, all of one moment.
///
/// | in the database | in the table |
/// |---|---|
/// | boolean | boolean |
/// | smallint, integer, bigint | integer |
/// | real, double precision | number; NaN is missing |
/// | date | date |
/// | timestamp, as UTC; timestamp with time zone | timestamp |
/// | numeric, text, char, uuid, json, enumerations and all else | text, as PostgreSQL writes it |
///
/// Lists and binary columns are refused by name, infinite times by row. `address` is a URL in which secrets stand; they are
/// listed in `secrets` and appear in no message; `name` is what messages call it. Rows are kept in `folder` where they are
/// many. Throws `PostgreSQLError`, `TypedSourceError` for bad names of columns, `FileError`, and `Cancelled` within a
/// fraction of a second.
package func readPostgreSQL(
  _ address: String, named name: String, secrets: [String], _ selection: PostgreSQLSelection, folder: String,
  cancellation: Cancellation
) throws -> PiecedSource {
  let connection = try PostgreSQLConnection(address, named: name, secrets: secrets, cancellation)
  do {
    return try readRows(connection, query(selection), folder: folder)
  } catch let failure as PostgreSQLQueryFailure {
    // 42P01: undefined table.
    if failure.state == "42P01", case .table(let table) = selection {
      throw PostgreSQLError(
        name, .missingTable(table, nearest: try? nearestTable(address, name, secrets, table, cancellation)))
    }
    throw PostgreSQLError(name, .badQuery(failure.message, hint: failure.hint))
  }
}

private func readRows(_ connection: PostgreSQLConnection, _ query: String, folder: String) throws -> PiecedSource {
  let name = connection.name
  let described = try connection.describe(query)
  if let writes = firstWord(query), ["insert", "update", "delete", "merge"].contains(writes) {
    throw PostgreSQLError(name, .writes)
  }
  if described.isEmpty { throw PostgreSQLError(name, .noResult) }
  try checkNames(described.map(\.name), of: name)
  try refuseLists(described, connection)
  let columns = try described.map { field in
    guard let column = PostgreSQLColumn(name: field.name, type: field.type) else {
      throw PostgreSQLError(name, .binary(column: field.name))
    }
    return column
  }
  // The query stands alone in its brackets: it was prepared as one statement before.
  let items = columns.map { quotedName($0.name) + ($0.isCast ? "::text" : "") }.joined(separator: ", ")
  let copy = "COPY (SELECT \(items) FROM (\(query)\n) AS source) TO STDOUT (FORMAT binary)"
  var pieces = RowPieces(PieceSpool(folder: folder))
  var rows = BinaryCopyRows(columns)
  do {
    try connection.copy(copy) { if let piece = try rows.take($0) { try pieces.add(piece) } }
  } catch is BinaryCopyRows.Malformed {
    throw PostgreSQLError(name, .lost("its data is malformed"))
  }
  if let piece = rows.finish() { try pieces.add(piece) }
  if let (column, count, firstRow) = rows.firstInfinite {
    throw PostgreSQLError(name, .infiniteTime(column: column, count: count, firstRow: firstRow))
  }
  if pieces.rowCount == 0 { throw TypedSourceError(name, [.noRows]) }
  return PiecedSource(pieces, named: name, digest: Digest(of: ""), hasUntypedStrings: false)
}

/// The first column of lists is told with the type that it has.
private func refuseLists(_ fields: [(name: String, type: UInt32)], _ connection: PostgreSQLConnection) throws {
  let numbers = Set(fields.map(\.type)).sorted().map(String.init).joined(separator: ",")
  let lists = try connection.texts(
    "SELECT oid, format_type(oid, NULL) FROM pg_catalog.pg_type WHERE typcategory = 'A' AND oid IN (\(numbers))")
  for field in fields {
    if let list = lists.first(where: { $0[0] == String(field.type) }) {
      throw PostgreSQLError(connection.name, .list(column: field.name, type: list[1]))
    }
  }
}

private func query(_ selection: PostgreSQLSelection) -> String {
  switch selection {
  case .table(let name):
    return "SELECT * FROM " + name.split(separator: ".").map { quotedName(String($0)) }.joined(separator: ".")
  case .query(let query):
    var text = query[...]
    while let last = text.last, last == ";" || last.isWhitespace { text.removeLast() }
    return String(text)
  }
}

/// The table or view whose name is nearest, looked for in a transaction of its own.
private func nearestTable(
  _ address: String, _ name: String, _ secrets: [String], _ table: String, _ cancellation: Cancellation
) throws -> String? {
  let connection = try PostgreSQLConnection(address, named: name, secrets: secrets, cancellation)
  let tables = try connection.texts(
    "SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name "
      + "FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1")
  return nearestName(to: table, among: tables.map { $0[0] })
}

/// The first word of a query, in lower case.
private func firstWord(_ query: String) -> String? {
  query.split { !$0.isLetter }.first?.lowercased()
}

/// A name of SQL in quotes.
func quotedName(_ name: String) -> String {
  "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
