import ArgumentParser
import Basics
import Diagnostics
import Inference
import Steps
import Tabular

/// How data on the command line is to be read: the settings of `ingest` that say so, under the same names. What is left out
/// is told by the data, or by the model that the data is for.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A text that means a missing value, beside the empty cell and those that a model knows. May be repeated.",
      valueName: "text"))
  var missing: [String] = []
  @Option(help: ArgumentHelp("What stands between cells: one character, or 'tab'.", valueName: "character"))
  var delimiter: String?
  @Option(help: ArgumentHelp("What stands around cells: one character, or 'none'.", valueName: "character"))
  var quote: String?
  @Option(
    help: ArgumentHelp(
      "What takes the meaning of the character behind it: one character, or 'none'.", valueName: "character"))
  var escape: String?
  @Option(help: ArgumentHelp("What begins a line that is no record: one character, or 'none'.", valueName: "character"))
  var comment: String?
  @Flag(inversion: .prefixedNo, help: "Whether the first line holds the names of the columns.") var header: Bool?
  @Option(help: ArgumentHelp("What stands before the fraction of a number: '.' or ','.", valueName: "character"))
  var decimal: String?
  @Option(
    help: ArgumentHelp(
      "What stands between groups of three digits: one character, 'space' or 'none'.", valueName: "character"))
  var thousands: String?
  @Flag(inversion: .prefixedNo, help: "Whether space around texts without quotes is left out.") var trim: Bool?
  @Option(
    help: ArgumentHelp(
      "How characters are written: \(TextEncoding.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "name"))
  var encoding: String?
  @Option(help: ArgumentHelp("The table or view to read of a database.", valueName: "name")) var table: String?
  @Option(help: ArgumentHelp("What to read of a database: one SELECT.", valueName: "select")) var query: String?

  /// What of a text is said, as settings of `ingest`.
  private var dialect: JSON {
    var settings: JSON = [:]
    for (name, value) in [
      ("delimiter", delimiter), ("quote", quote), ("escape", escape), ("comment", comment), ("decimal", decimal),
      ("thousands", thousands), ("encoding", encoding),
    ] {
      if let value { settings[name] = .string(value) }
    }
    if let header { settings["header"] = .bool(header) }
    if let trim { settings["trim"] = .bool(trim) }
    return settings
  }

  /// All that is said but the missing markers, as settings of `ingest`. Throws what cannot be meant.
  func settings() throws -> JSON {
    try check()
    var settings = dialect
    if let table { settings["table"] = .string(table) }
    if let query { settings["query"] = .string(query) }
    return settings
  }

  private func check() throws {
    var problems = dialectProblems(dialect, named: { "--\($0)" }) { _ in nil }
    if let decimal, decimal != ".", decimal != "," {
      problems.append(.error("bad-decimal", "'--decimal' is '\(decimal)', expected '.' or ','"))
    }
    if let encoding, TextEncoding(rawValue: encoding) == nil {
      let names = TextEncoding.allCases.map(\.rawValue)
      problems.append(
        .error(
          "bad-encoding", "'--encoding' is '\(encoding)', expected one of \(names.joined(separator: ", "))",
          help: nearestName(to: encoding, among: names).map { ["did you mean '\($0)'?"] } ?? []))
    }
    if table != nil, query != nil {
      problems.append(
        .error("query-and-table", "'--query' and '--table' cannot be used together", help: ["keep one of them"]))
    }
    if !problems.isEmpty { throw Problems(problems, failure: .usage) }
  }
}

/// How rows for a model are read: as its training data was, but for what options say.
struct ScoringFormat {
  private let remembered: JSON
  private let asked: JSON
  let missing: [String]

  init(_ model: Model, _ options: ReadingOptions) throws {
    remembered = model.source
    asked = try options.settings()
    missing = model.missingMarkers + options.missing
  }

  private var wasTabbed: Bool { remembered["format"]?.stringValue == SourceFormat.tsv.rawValue }

  /// The format of a text; `format` is what its name says, nil where it says nothing.
  func csv(_ format: SourceFormat?) -> CSVFormat {
    let isTabbed = format.map { $0 == .tsv } ?? wasTabbed
    var settings = remembered.objectValue ?? [:]
    // What stands between cells goes with the kind of file.
    if isTabbed != wasTabbed { settings["delimiter"] = nil }
    return CSVFormat(
      dialect: .object(settings.merging(asked.objectValue ?? [:]) { $1 }), isTabbed: isTabbed, missing: missing)
  }

  /// What to read of a database.
  var selection: SQLiteSelection {
    if let query = asked["query"]?.stringValue { return .query(query) }
    if let table = asked["table"]?.stringValue ?? remembered["table"]?.stringValue { return .table(table) }
    return .onlyTable
  }

  /// The settings of `ingest` that read such data where it is no single file.
  var settings: JSON {
    var settings = asked
    if settings["query"] == nil, settings["table"] == nil { settings["table"] = remembered["table"] }
    return settings
  }

  /// Throws where a table or a query is asked for of what is no database.
  func check(_ format: SourceFormat, of name: String) throws {
    for option in ["table", "query"] where asked[option] != nil {
      throw Problems(
        .error("no-database", "'--\(option)' is for databases, and '\(name)' is \(format.phrase)"), failure: .usage)
    }
  }
}
