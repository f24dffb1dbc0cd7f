/// Why a Parquet or an Arrow file of another writer cannot be read.
package struct ColumnarFileError: Error, Sendable, Hashable {
  package enum Format: String, Sendable, Hashable {
    case parquet = "Parquet"
    case arrow = "Arrow"
  }

  /// The file as the user named it.
  package var file: String
  package var format: Format
  package var problem: ColumnarProblem
}

/// What is wrong with such a file, or with a column of it. Rows count from 1.
package enum ColumnarProblem: Error, Sendable, Hashable {
  /// It does not begin as such a file does.
  case otherFormat
  /// The end is missing.
  case truncated
  /// What is wrong, and in which column.
  case damaged(String, column: String? = nil)
  case encrypted
  case bigEndian
  case nested([String])
  /// A column of a type that no column of a table can be, by its name in the format.
  case unsupportedType(String, column: String)
  case unsupportedEncoding(String, column: String)
  case unsupportedCodec(String, column: String)
  /// Bytes that are not UTF-8.
  case notText(column: String, row: Int)
  /// A value that is beyond what the type of the table holds, such as an instant in the year 300,000.
  case outOfRange(String, column: String, row: Int)
  /// More than may be in memory at once.
  case tooLarge(String, column: String?)

  /// The same about a column, where it says nothing of one.
  func of(_ column: String) -> ColumnarProblem {
    switch self {
    case .damaged(let what, column: nil): .damaged(what, column: column)
    case .tooLarge(let what, column: nil): .tooLarge(what, column: column)
    default: self
    }
  }
}
