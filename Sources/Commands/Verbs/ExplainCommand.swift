import ArgumentParser
import Basics
import Diagnostics
import Glibc
import Inference
import Steps
import Tabular

extension Explanation.Reference: ExpressibleByArgument {}

struct ExplainCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Show what each feature adds to the prediction of one row.",
    discussion:
      "The row is number --row of a CSV file or of standard input, or a JSON object: --row '{\"age\": 41, …}'.")

  @Argument(help: "MODEL (what production serves), MODEL@CHANNEL, MODEL@VERSION or MODEL@DIGEST.") var model: String
  @Argument(
    help:
      "The file (CSV, JSON Lines, Parquet, Arrow, SQLite, …, compressed or not); standard input when left out or '-'.",
    completion: .file()) var file: String?
  @Option(help: ArgumentHelp("Which row, counting from 1 below the header; or the row as JSON.", valueName: "row"))
  var row = "1"
  @Option(
    help:
      "What contributions are told against: the mean of the training rows, or zero; left out, the mean where the model knows it, as all do but those of more than 2,000 sparse columns."
  )
  var against: Explanation.Reference?
  @Option(
    help: ArgumentHelp("Of several classes, the one to tell of; left out, the predicted one.", valueName: "class"))
  var `class`: String?
  @OptionGroup(title: "How the data is read; left out, as the training data was") var reading: ReadingOptions
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let content = try ServedModel(model, in: shared.workspace()).load()
    let (table, index) = try findRow(content)
    let scorer = Scorer(content)
    let explanation = try scorer.explain(
      table, row: index, against: against ?? (content.encoder.isSparse && content.statistics == nil ? .zero : .mean))
    let predictions = try scorer.score(table, rows: .rows([index]))
    var strangers = Strangers(content.encoder)
    strangers.look(at: table, rows: .rows([index]))
    defer { console.say(strangers.warnings) }
    let report = ExplanationReport(explanation, model: content, prediction: predictions.value(0))
    if shared.format == .json {
      console.answer(report.json)
      return nil
    }
    let output = try chosenOutput(content, predictions)
    console.answer(report.text(output: output))
    return nil
  }

  /// The table that holds the row, and its place there.
  private func findRow(_ content: Model) throws -> (Table, Int) {
    let format = try ScoringFormat(content, reading)
    if row.first == "{" {
      if file != nil {
        throw Problems(
          .error("two-rows", "the row is given as JSON and as a file", help: ["leave one of them out"]), failure: .usage
        )
      }
      return try (LiteralRow(row, fields: content.inputs).table(missing: format.missing), 0)
    }
    guard let number = Int(row), number >= 1 else {
      throw Problems(
        .error(
          "bad-row", "'\(row)' is not a row, expected a number from 1 or a JSON object",
          help: ["such as --row 5, or --row '{\"age\": 41}'"]), failure: .usage)
    }
    let batches = try InputBatches(for: content, file: file, format: format, place: shared.place)
    var count = 0
    while let batch = try batches.next() {
      try Cancellation.process.check()
      if number <= batch.firstRow + batch.table.rowCount { return (batch.table, number - 1 - batch.firstRow) }
      count = batch.firstRow + batch.table.rowCount
    }
    throw Problems(
      .error("no-such-row", "there is no row \(number): \(file ?? "standard input") has \(count)"), failure: .badInput)
  }

  private func chosenOutput(_ content: Model, _ predictions: Predictions) throws -> Int {
    guard content.outputCount > 1 else {
      guard let name = `class` else { return 0 }
      guard content.target.classes.contains(name) else { throw unknownClass(name, content) }
      let told = content.target.positive.map { content.target.classes[$0] } ?? ""
      guard name == told else {
        throw Problems(
          .error(
            "other-class", "a model of two classes tells the log odds of '\(told)'",
            help: ["those of '\(name)' are the same with the other sign"]), failure: .usage)
      }
      return 0
    }
    guard let name = `class` else { return predictions.decisions[0] }
    guard let index = content.target.classes.firstIndex(of: name) else { throw unknownClass(name, content) }
    return index
  }

  private func unknownClass(_ name: String, _ content: Model) -> Problems {
    let classes = content.target.classes
    let help =
      nearestName(to: name, among: classes).map { "did you mean '\($0)'?" }
      ?? (classes.isEmpty ? "the model predicts numbers" : "the classes are \(classes.joined(separator: ", "))")
    return Problems(.error("unknown-class", "the model has no class '\(name)'", help: [help]), failure: .usage)
  }
}

/// A row given on the command line.
private struct LiteralRow {
  private let members: [String: JSON]
  private let fields: [Field]

  init(_ text: String, fields: [Field]) throws {
    members = try LiteralRow.members(text)
    // JSON has one kind of number, and so has the encoder.
    self.fields = fields.map { $0.type == .integer ? Field(name: $0.name, type: .number) : $0 }
    for name in members.keys.sorted() where !fields.contains(where: { $0.name == name }) {
      let nearest = nearestName(to: name, among: fields.map(\.name))
      throw Problems(
        .error(
          "unknown-column", "the model reads no column '\(name)'", help: nearest.map { ["did you mean '\($0)'?"] } ?? []
        ),
        failure: .badInput)
    }
  }

  private static func members(_ text: String) throws -> [String: JSON] {
    do {
      return try JSON(parsing: text).objectValue ?? [:]
    } catch {
      throw Problems(
        .error("bad-row", "the row is not JSON: \(error.message) at byte \(error.offset)"), failure: .usage)
    }
  }

  /// The row as a table; a column that is left out or null is missing. A sparse column is given as in a libsvm file.
  func table(missing: [String]) throws -> Table {
    var bytes: [UInt8] = []
    if let sparse = fields.first(where: { $0.type == .sparse }) {
      bytes += Array("0 \(members[sparse.name]?.stringValue ?? "")\n".utf8)
      return try read(bytes) { try LibSVMBatches(descriptor: $0, named: "the row").next() }
    }
    CSVText.appendRecord(fields.map(\.name), to: &bytes)
    CSVText.appendRecord(
      fields.map { field in members[field.name].flatMap { $0.isNull ? nil : $0.stringValue ?? $0.canonical } },
      to: &bytes)
    let (known, csv) = (fields, CSVFormat(missing: missing))
    return try read(bytes) { try CSVBatches(descriptor: $0, named: "the row", wanted: known, format: csv).next() }
  }

  private func read(_ bytes: [UInt8], _ next: (Int32) throws -> CSVBatch?) throws -> Table {
    // A pipe holds more than a row has, unless it is longer than 64 kB: then a thread of its own writes it.
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw FileError("open", "a pipe") }
    let (reading, writing) = (ends[0], ends[1])
    let content = bytes
    let writer = OwnThread {
      var rest = content[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(writing, $0.baseAddress, $0.count) }
        if count <= 0 { break }
        rest = rest.dropFirst(count)
      }
      close(writing)
    }
    defer {
      close(reading)
      writer.join()
    }
    guard let batch = try next(reading) else { throw Problems(.error("bad-row", "the row is empty"), failure: .usage) }
    return batch.table
  }
}
