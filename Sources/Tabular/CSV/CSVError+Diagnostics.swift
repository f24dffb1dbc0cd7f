package import Diagnostics

extension CSVError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] { problems.map { $0.diagnostic(file) } }
}

extension CSVProblem {
  fileprivate func diagnostic(_ file: String) -> Diagnostic {
    let whole = Place(file: file)
    switch self {
    case .empty:
      return .error("empty-file", "the file is empty", at: whole, help: ["it must begin with a line of column names"])
    case .noRows:
      return .error("no-rows", "the file has a header but no rows", at: whole)
    case .notARegularFile:
      return .error("not-a-file", "this is not a regular file", at: whole)
    case .changedWhileRead:
      return .error(
        "file-changed", "the file was changed while it was read", at: whole,
        help: ["wait until it is complete and run the same command again"])
    case .utf16:
      return .error(
        "not-utf8", "the file is UTF-16, expected UTF-8", at: whole,
        help: ["convert it: iconv -f UTF-16 -t UTF-8 OLD > NEW"])
    case .notUTF8(let place):
      return .error(
        "not-utf8", "the text is not UTF-8", at: place,
        help: ["if it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8 OLD > NEW"])
    case .nulByte(let place):
      return .error(
        "nul-byte", "there is a NUL byte in the text", at: place,
        help: ["the file may be binary or damaged; tr -d '\\000' < OLD > NEW removes such bytes"])
    case .unclosedQuote(let place):
      return .error(
        "unclosed-quote", "the quoted cell that begins here is not closed", at: place,
        help: ["close it, or write \"\" where a quote is part of the text"])
    case .recordTooLong(let place):
      return .error(
        "record-too-long", "the record that begins here has more than 256 MiB", at: place,
        help: ["look for a quote that is not closed"])
    case .textAfterQuote(let place):
      return .error(
        "text-after-quote", "there is text behind a quoted cell", at: place,
        help: ["write \"\" where a quote is part of the text"])
    case .unnamedColumn(let position, let place):
      return .error("unnamed-column", "column \(position) has no name", at: place)
    case .duplicateName(let name, let place):
      return .error("duplicate-column", "column '\(name)' appears twice in the header", at: place)
    case .ragged(let count, let found, let expected, let first):
      return .error(
        "ragged-rows", "row has \(counted(found, "cell")), expected \(expected)\(affected(count))",
        at: first, help: ["quote cells that contain the delimiter, or set 'delimiter' if it is another one"])
    case .mistyped(let column, let expected, let found, let count, let first):
      return .error(
        "mistyped-cells",
        "column '\(column)' holds \(found.phrase), expected \(expected.phrase)\(affected(count))",
        at: first,
        help: found == .text ? ["list its missing-value marker under ingest.missing (predict: --missing)"] : [])
    case .tooManyLevels(let column, let limit):
      return .error(
        "too-many-levels", "column '\(column)' has more than \(limit) distinct values, too many for a category",
        at: whole, help: ["declare it as text"])
    case .missingColumn(let name, let nearest, let use):
      return .error(
        "missing-column", "there is no column '\(name)', which is \(use.phrase)", at: Place(file: file, line: 1),
        help: nearest.map { ["did you mean '\($0)'?"] } ?? [])
    }
  }
}

extension CSVProblem.Misfit {
  var phrase: String {
    switch self {
    case .text: "text"
    case .number, .integer: "numbers"
    case .boolean: "booleans"
    case .date: "dates"
    case .timestamp: "timestamps"
    case .decimal: "a number with a fraction"
    case .tooLarge: "a number too large for 64 bits"
    case .infinite: "a number beyond the range of doubles"
    }
  }
}

extension CSVProblem.ColumnUse {
  fileprivate var phrase: String {
    switch self {
    case .declared: "declared in the workflow"
    case .wanted: "an input of the model"
    case .kept: "to be kept"
    }
  }
}

extension ColumnType {
  /// As in "expected a number".
  var phrase: String {
    switch self {
    case .integer: "an integer"
    case .number: "a number"
    case .boolean: "true or false"
    case .date: "a date (YYYY-MM-DD)"
    case .timestamp: "a timestamp (YYYY-MM-DDThh:mm:ssZ)"
    case .category: "a category"
    case .text: "text"
    case .sparse: "sparse numbers"
    }
  }
}

extension Diagnostic {
  static func headerLooksLikeData(_ file: String) -> Diagnostic {
    .warning(
      "header-like-data", "every column name could be a value", at: Place(file: file, line: 1),
      help: ["the first line must hold the column names"])
  }
}

/// ` (41 rows affected)`, or nothing where nobody counted.
private func affected(_ count: Int?) -> String { count.map { " (\(counted($0, "row")) affected)" } ?? "" }

/// `1 row`, `2 rows`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

extension TypeInference.Remark {
  /// What to tell about `column`; `place` finds a cell's line and column.
  func diagnostic(
    file: String, column: String, type: ColumnType, place: (CellPosition) throws -> Place
  ) rethrows -> Diagnostic {
    let whole = Place(file: file)
    switch self {
    case .empty:
      return .warning("empty-column", "column '\(column)' holds no value at all", at: whole)
    case .zeroLed:
      return Diagnostic(
        severity: .note, "leading-zeros", "column '\(column)' holds digits with leading zeros and is kept as \(type)",
        at: whole, help: ["declare it as integer if the zeros mean nothing"])
    case .hugeIntegers:
      return .warning(
        "huge-integers", "column '\(column)' holds integers beyond 64 bits and is kept as \(type)",
        at: whole, help: ["declare it as number if rounding does no harm"])
    case .strays(let count, let rows, let expected, let found, let position):
      return .warning(
        "stray-cells",
        "column '\(column)' holds \(found.strayPhrase) in \(count) of \(counted(rows, "row")), "
          + "otherwise \(expected.plural), and is kept as \(type)",
        at: try place(position), help: ["list its missing-value marker under ingest.missing or declare its type"])
    }
  }
}

extension CellClass {
  fileprivate var strayPhrase: String { CSVProblem.Misfit(self).phrase }
}

extension ColumnType {
  fileprivate var plural: String {
    switch self {
    case .integer: "integers"
    case .number: "numbers"
    case .boolean: "true or false"
    case .date: "dates"
    case .timestamp: "timestamps"
    case .category: "categories"
    case .text: "text"
    case .sparse: "sparse numbers"
    }
  }
}
