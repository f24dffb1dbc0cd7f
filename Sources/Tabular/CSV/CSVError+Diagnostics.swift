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
        help: [
          "if it is Latin-1 or of Windows, write 'encoding: latin-1' or 'encoding: windows-1252' under ingest, or convert it: iconv -f LATIN1 -t UTF-8 OLD > NEW"
        ])
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
        "record-too-long", "the record that begins here has more than \(recordLimitText)", at: place,
        help: ["look for a quote that is not closed"])
    case .textAfterQuote(let place):
      return .error(
        "text-after-quote", "there is text behind a quoted cell", at: place,
        help: ["write \"\" where a quote is part of the text"])
    case .blankStart:
      return .error("blank-file", "the file begins with \(recordLimitText) of blank lines", at: whole)
    case .nothingLeft(let count, let reasons):
      return .error(
        "no-rows", "no row is left: all \(counted(count, "record")) of the file cannot be rows", at: whole,
        help: reasons)
    case .ragged(let count, let found, let expected, let first):
      return .error(
        "ragged-rows", "row has \(counted(found, "cell")), expected \(expected)\(affected(count))",
        at: first, help: ["quote cells that contain the delimiter, or set 'delimiter' if it is another one"])
    case .mistyped(let column, let expected, let found, let count, let first):
      return .error(
        "mistyped-cells",
        "column '\(column)' holds \(found.phrase), expected \(expected.phrase)\(affected(count))",
        at: first,
        help: found == .text && expected != .boolean
          ? ["list its missing-value marker under ingest.missing (predict: --missing)"] : [])
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
  /// Warns of whole numbers that are kept as strings, since one, the first of them at `place`, exceeds 64 bits.
  static func hugeIntegers(_ column: String, _ type: ColumnType, at place: Place) -> Diagnostic {
    .warning(
      "huge-integers", "column '\(column)' holds integers beyond 64 bits and is kept as \(type)", at: place,
      help: ["if rounding does no harm, declare it: columns: { \(column): number }"])
  }

  /// Tells of integers in a column of numbers with fractions which are rounded, the first of them at `place`.
  static func roundedIntegers(_ column: String, at place: Place) -> Diagnostic {
    Diagnostic(
      severity: .note, "rounded-integers",
      "column '\(column)' holds numbers with fractions and integers beyond 2^53, the first here, which are rounded",
      at: place, help: ["to keep them as they are, declare it: columns: { \(column): text }"])
  }

  /// Warns that the first line may be none of names: `all` of them could be values, or some.
  static func headerLooksLikeData(_ file: String, all: Bool) -> Diagnostic {
    .warning(
      "header-like-data",
      all ? "every column name could be a value" : "some column names could be values like those below them",
      at: Place(file: file, line: 1), help: ["if the first line is a row, write 'header: false'"])
  }

  /// Tells of columns that have no names, and of names that stand for several; one diagnostic each.
  static func renamedColumns(_ renamed: [CSVHeader.Renaming]) -> [Diagnostic] {
    let (unnamed, double) = (renamed.filter(\.written.isEmpty), renamed.filter { !$0.written.isEmpty })
    func list(_ columns: [CSVHeader.Renaming], _ text: (CSVHeader.Renaming) -> String) -> String {
      columns.prefix(5).map(text).joined(separator: ", ") + (columns.count > 5 ? ", …" : "")
    }
    var notes: [Diagnostic] = []
    if let first = unnamed.first {
      let subject =
        unnamed.count == 1 ? "a column has no name and is" : "\(unnamed.count) columns have no names and are"
      notes.append(
        Diagnostic(
          severity: .note, "unnamed-columns", "\(subject) called \(list(unnamed) { "'\($0.name)'" })", at: first.place))
    }
    if let first = double.first {
      let cause = double.contains(where: \.isOtherWriting) ? ["some differ only in how their letters are encoded"] : []
      notes.append(
        .warning(
          "duplicate-columns",
          "column names appear twice: \(list(double) { "the second '\($0.written)' is called '\($0.name)'" })",
          at: first.place, help: cause + ["rename them in the file if that is not meant"]))
    }
    return notes
  }
}

/// The bytes that a record may have.
var recordLimitText: String { "\(RecordFeeder.limit >> 20) MiB" }

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
    case .plusSigned:
      return Diagnostic(
        severity: .note, "plus-signs", "column '\(column)' holds digits with a leading plus and is kept as \(type)",
        at: whole, help: ["declare it as integer if the plus means nothing: columns: { \(column): integer }"])
    case .hugeIntegers(let position):
      return .hugeIntegers(column, type, at: try place(position))
    case .spaced(let count, let position):
      return Diagnostic(
        severity: .note, "space-around-texts",
        "texts of column '\(column)' have space around them, the first of \(count) here, which is part of them",
        at: try place(position), help: ["write 'trim: true' to leave it out"])
    case .groups(let position):
      return .warning(
        "groups-of-digits",
        "every cell of column '\(column)' could be a number in groups of digits, or an address; it is kept as \(type)",
        at: try place(position), help: ["if they are numbers, declare it: columns: { \(column): integer }"])
    case .rounded(let position):
      return .roundedIntegers(column, at: try place(position))
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
