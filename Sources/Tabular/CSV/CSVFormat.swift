/// How a CSV file is to be read (RFC 4180, and what is found in the wild).
///
/// Records end with LF, CRLF or CR; a leading byte order mark is skipped, and so are blank lines, but where there is one
/// column: there they are rows whose cell is missing. A cell may be quoted; inside, a quote is doubled and line breaks are
/// content. Spaces and tabs around a cell that is not quoted are part of a text and of nothing else. A cell that is empty,
/// quoted or not, or equal to a missing marker, is missing; so is one of spaces alone without quotes.
package struct CSVFormat: Sendable, Hashable {
  /// The bytes that have a meaning.
  package var dialect: CSVDialect
  /// Whether the first line holds the names of the columns; without, they are `column_1`, `column_2`, ….
  package var hasHeader = true
  /// Where the text is to tell its dialect: what of it is given. Nil takes `dialect` and `hasHeader` as they are.
  package var request: DialectRequest?
  /// Texts that mean that there is no value, such as `NA`. An empty cell always does.
  package var missing: [String]
  /// Types that are given instead of inferred, by column name.
  package var declared: [String: ColumnType]

  /// How characters are written; where nil, a byte order mark tells, and UTF-8 is what there is without.
  package var encoding: TextEncoding?
  /// What becomes of records that cannot be rows.
  package var badRows: BadRowPolicy
  /// Whether space around texts without quotes is left out.
  package var trims = false
  /// Whether there must be a row.
  package var needsRows = true

  package init(
    delimiter: UInt8 = UInt8(ascii: ","), missing: [String] = [], declared: [String: ColumnType] = [:],
    badRows: BadRowPolicy = .fail
  ) {
    dialect = CSVDialect(delimiter: delimiter)
    self.missing = missing
    self.declared = declared
    self.badRows = badRows
  }

  /// The byte between cells.
  package var delimiter: UInt8 {
    get { dialect.delimiter }
    set { dialect.delimiter = newValue }
  }
}

/// What becomes of records that cannot be rows: those with too few or too many cells, that are no text, or hold a cell that
/// its column's declared type cannot.
package enum BadRowPolicy: String, Sendable, Hashable, CaseIterable {
  /// The reading fails and tells of them.
  case fail
  /// They are left out, counted and kept as they stand.
  case quarantine
}

/// The missing markers as bytes.
struct MissingMarkers: Sendable {
  private let markers: [[UInt8]]
  /// Whether a marker could be a value, such as `-999`, so that cells must be compared before they are read.
  let areValues: Bool

  init(_ format: CSVFormat) {
    markers = format.missing.map { Array($0.utf8) }
    let numbers = NumberDialect(format.dialect)
    areValues = markers.contains { marker in
      marker.withUnsafeBufferPointer { !$0.isEmpty && ![.text, .notFinite].contains(numbers.cellClass($0)) }
    }
  }

  /// Nothing but the empty cell.
  static let none = MissingMarkers(CSVFormat())

  func contains(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    if cell.isEmpty { return true }
    for marker in markers where marker.count == cell.count && cell.elementsEqual(marker) { return true }
    return false
  }
}
