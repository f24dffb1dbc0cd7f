/// How a CSV file is to be read (RFC 4180, with a header line).
///
/// Records end with LF, CRLF or CR; a leading byte order mark and blank lines are skipped. A cell may be quoted; inside, a
/// quote is doubled and line breaks are content. Spaces and tabs around a cell are not part of it unless it is quoted.
/// A cell that is empty, quoted or not, or equal to a missing marker, is missing.
package struct CSVFormat: Sendable, Hashable {
  /// The byte between cells.
  package var delimiter: UInt8
  /// Texts that mean that there is no value, such as `NA`. An empty cell always does.
  package var missing: [String]
  /// Types that are given instead of inferred, by column name.
  package var declared: [String: ColumnType]

  package init(
    delimiter: UInt8 = UInt8(ascii: ","), missing: [String] = [], declared: [String: ColumnType] = [:]
  ) {
    self.delimiter = delimiter
    self.missing = missing
    self.declared = declared
  }
}

/// The missing markers as bytes.
struct MissingMarkers: Sendable {
  private let markers: [[UInt8]]

  init(_ format: CSVFormat) { markers = format.missing.map { Array($0.utf8) } }

  func contains(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    if cell.isEmpty { return true }
    for marker in markers where marker.count == cell.count && cell.elementsEqual(marker) { return true }
    return false
  }
}
