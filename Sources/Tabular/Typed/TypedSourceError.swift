package import Diagnostics

/// Why a typed source cannot be read as a table: every problem found.
package struct TypedSourceError: Error, Sendable, Hashable {
  /// The source as the user named it.
  package var source: String
  package var problems: [TypedProblem]

  init(_ source: String, _ problems: [TypedProblem]) {
    self.source = source
    self.problems = problems
  }
}

/// One thing that is wrong with a typed source. Rows count from 1.
package enum TypedProblem: Sendable, Hashable {
  case noColumns
  /// A format that no reader is there for.
  case unread(SourceFormat)
  case noRows
  case changedWhileRead
  case unnamedColumn(position: Int)
  /// `isOtherWriting` where the same characters are encoded in different ways.
  case duplicateName(String, isOtherWriting: Bool = false)
  /// A column that is declared but not there.
  case missingColumn(String, nearest: String?)
  /// Cells that a column's declared type cannot hold.
  case mistyped(column: String, expected: ColumnType, found: Misfit, count: Int, firstRow: Int)
  case infinite(column: String, count: Int, firstRow: Int)
  case tooManyLevels(column: String, limit: Int)

  /// What a cell is instead of what it should be.
  package typealias Misfit = CSVProblem.Misfit
}

extension TypedSourceError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] { problems.map { $0.diagnostic(Place(file: source)) } }
}

extension TypedProblem {
  fileprivate func diagnostic(_ source: Place) -> Diagnostic {
    switch self {
    case .noColumns: .error("no-columns", "the source has no columns", at: source)
    case .unread(let format):
      .error(
        "unread-format", "this is \(format.phrase), which is not read here", at: source,
        help: format == .sqlite ? ["let an 'ingest' step read it, by its path and a 'table' or a 'query'"] : [])
    case .noRows: .error("no-rows", "the source has columns but no rows", at: source)
    case .changedWhileRead:
      .error(
        "file-changed", "the source was changed while it was read", at: source,
        help: ["wait until it is complete and run the same command again"])
    case .unnamedColumn(let position): .error("unnamed-column", "column \(position) has no name", at: source)
    case .duplicateName(let name, let isOtherWriting):
      .error(
        "duplicate-column", "column '\(name)' appears twice", at: source,
        help: isOtherWriting ? ["the two names differ only in how their letters are encoded"] : [])
    case .missingColumn(let name, let nearest):
      .error(
        "missing-column", "there is no column '\(name)', which is declared in the workflow", at: source,
        help: nearest.map { ["did you mean '\($0)'?"] } ?? [])
    case .mistyped(let column, let expected, let found, let count, let firstRow):
      .error(
        "mistyped-cells",
        "column '\(column)' holds \(found.phrase), expected \(expected.phrase)\(affected(count, firstRow))",
        at: source,
        help: found == .text && expected != .boolean ? ["list its missing-value marker under ingest.missing"] : [])
    case .infinite(let column, let count, let firstRow):
      .error(
        "infinite-numbers", "column '\(column)' holds infinite numbers\(affected(count, firstRow))", at: source,
        help: ["list 'inf' and '-inf' under ingest.missing if they mean that there is no value"])
    case .tooManyLevels(let column, let limit):
      .error(
        "too-many-levels", "column '\(column)' has more than \(limit) distinct values, too many for a category",
        at: source, help: ["declare it as text"])
    }
  }
}

private func affected(_ count: Int, _ firstRow: Int) -> String {
  " (\(counted(count, "row")) affected, the first is row \(firstRow))"
}
