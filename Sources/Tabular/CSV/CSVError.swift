package import Diagnostics

/// Why a CSV file cannot be read as a table: every problem found, in the order of the file as far as that goes.
package struct CSVError: Error, Sendable, Hashable {
  /// The file as the user named it.
  package var file: String
  package var problems: [CSVProblem]

  init(_ file: String, _ problems: [CSVProblem]) {
    self.file = file
    self.problems = problems
  }
}

/// One thing that is wrong with a CSV file, and where.
package enum CSVProblem: Sendable, Hashable {
  case empty
  /// Nothing but a header.
  case noRows
  case notARegularFile
  case changedWhileRead
  /// UTF-16, by its byte order mark.
  case utf16
  case notUTF8(Place)
  case nulByte(Place)
  /// A quoted cell that is not closed before the end, or within the bytes a record may have.
  case unclosedQuote(Place)
  case recordTooLong(Place)
  case textAfterQuote(Place)
  /// Nothing but blank lines in the bytes a record may have.
  case blankStart
  /// Every record was left out; how many, by what is wrong with them.
  case nothingLeft(count: Int, reasons: [String])
  /// `count` rows are affected; nil where the file is read only up to the first.
  case ragged(count: Int?, found: Int, expected: Int, first: Place)
  /// Cells that a column's type cannot hold; `count` as above.
  case mistyped(column: String, expected: ColumnType, found: Misfit, count: Int?, first: Place)
  case tooManyLevels(column: String, limit: Int)
  /// A column that is declared or wanted but not in the header.
  case missingColumn(String, nearest: String?, use: ColumnUse)

  /// What a cell is instead of what it should be.
  package enum Misfit: Sendable, Hashable {
    case text, number, integer, boolean, date, timestamp
    /// A number with a fraction.
    case decimal
    /// An integer beyond 64 bits.
    case tooLarge
    /// A number beyond the range of doubles.
    case infinite
  }

  /// Why a column must be there.
  package enum ColumnUse: Sendable, Hashable {
    case declared, wanted, kept
  }
}

extension CSVProblem.Misfit {
  init(_ cellClass: CellClass) {
    self =
      switch cellClass {
      case .missing, .text, .notFinite: .text
      case .bit, .integer, .inexact, .groupedOnce, .grouped, .zeroLed, .plusSigned: .integer
      case .huge: .tooLarge
      case .wholeDecimal: .number
      case .decimal: .decimal
      case .overflow: .infinite
      case .boolean: .boolean
      case .date: .date
      case .timestamp: .timestamp
      }
  }
}
