import ArgumentParser
import Basics
import Diagnostics
import Glibc
import Inference
import ModelRegistry
import ObjectStore
import Steps
import Tabular

struct PredictCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score a file of any format, or standard input, with a model.",
    discussion: "Writes CSV, or JSON Lines with --format json: 'prediction' and 'probability_CLASS'.")

  @Argument(help: "MODEL (what production serves), MODEL@CHANNEL, MODEL@VERSION or MODEL@DIGEST.") var model: String
  @Argument(
    help:
      "The file (CSV, JSON Lines, Parquet, Arrow, SQLite, …, compressed or not); standard input when left out or '-'.",
    completion: .file()) var file: String?
  @Option(help: ArgumentHelp("Input columns to copy beside the prediction, separated by commas.", valueName: "columns"))
  var keep: String?
  @OptionGroup(title: "How the data is read; left out, as the training data was") var reading: ReadingOptions
  @OptionGroup var shared: SharedOptions

  func execute(_ console: Console) throws -> Failure? {
    let workspace = try shared.workspace()
    let content = try ServedModel(model, in: workspace).load()
    let scorer = Scorer(content)
    let kept = keep?.split(separator: ",").map(String.init) ?? []
    let format = try ScoringFormat(content, reading)
    let batches = try InputBatches(for: content, file: file, keep: kept, format: format, place: shared.place)
    var writer = PredictionWriter(model: content, kept: kept, isJSON: shared.format == .json)
    // The first batch comes before the header, so that input that cannot be read leaves no output at all.
    var next = try batches.next()
    try writer.writeHeader()
    var strangers = Strangers(content.encoder)
    // Told at the end, once a column, however the input ends.
    defer { console.say(strangers.warnings) }
    while let batch = next {
      try Cancellation.process.check()
      let predictions = try scorer.score(batch.table)
      strangers.look(at: batch.table)
      guard try writer.write(predictions, beside: batch.kept) else { return nil }
      next = try batches.next()
    }
    return nil
  }
}

/// The model behind a name: what a channel serves comes from the serving directory, its files hashed again; other versions from the store.
struct ServedModel {
  private let name: String
  private let workspace: Workspace

  init(_ name: String, in workspace: Workspace) {
    self.name = name
    self.workspace = workspace
  }

  func load() throws -> Model {
    let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
    let channel = parts.count == 2 ? parts[1] : "production"
    let serving = try ServingFolder(model: parts.first ?? "", in: workspace.modelsFolder)
    if isChannelName(channel), let digest = try serving.linked(channel) {
      guard try serving.isSound(digest, cancellation: .process) else {
        throw Problems(
          .error(
            "damaged-version",
            "what '\(channel)' of '\(serving.model)' serves is damaged: it does not have the digest \(digest.short)",
            help: ["run the workflow that made it again, or 'mlflowctl rollback \(serving.model)'"]),
          failure: .answerIsNo)
      }
      return try Model.read(from: serving.folder(of: digest))
    }
    let store = try Store.open(workspace, cancellation: .process)
    return try store.openModel(Registry(store).resolve(name).digest, cancellation: .process)
  }
}

/// Writes predictions, a buffer at a time.
private struct PredictionWriter {
  private let model: Model
  private let kept: [String]
  private let isJSON: Bool
  private var buffer: [UInt8] = []

  init(model: Model, kept: [String], isJSON: Bool) {
    self.model = model
    self.kept = kept
    self.isJSON = isJSON
  }

  private var names: [String] { kept + ["prediction"] + model.target.classes.map { "probability_\($0)" } }

  mutating func writeHeader() throws {
    guard !isJSON else { return }
    CSVText.appendRecord(names, to: &buffer)
    _ = try flush(buffer)
  }

  /// False when nobody reads any more.
  mutating func write(_ predictions: Predictions, beside table: Table) throws -> Bool {
    buffer.removeAll(keepingCapacity: true)
    let columns = kept.compactMap { table.column(named: $0) }
    for row in 0..<predictions.rowCount {
      if isJSON { appendJSON(predictions, row, columns) } else { appendCSV(predictions, row, columns) }
      buffer.append(UInt8(ascii: "\n"))
    }
    return try flush(buffer)
  }

  private mutating func appendCSV(_ predictions: Predictions, _ row: Int, _ columns: [Column]) {
    for column in columns {
      CSVText.append(column.text(row) ?? "", to: &buffer)
      buffer.append(UInt8(ascii: ","))
    }
    CSVText.append(predictions.text(row), to: &buffer)
    for index in model.target.classes.indices {
      buffer.append(UInt8(ascii: ","))
      buffer.append(contentsOf: predictions.probability(row, index).description.utf8)
    }
  }

  private mutating func appendJSON(_ predictions: Predictions, _ row: Int, _ columns: [Column]) {
    var members: [String: JSON] = [:]
    for column in columns { members[column.name] = column.text(row).map(JSON.string) ?? .null }
    members["prediction"] = predictions.value(row)
    for (index, name) in model.target.classes.enumerated() {
      members["probability_\(name)"] = .number(predictions.probability(row, index))
    }
    buffer.append(contentsOf: JSON.object(members).canonicalBytes)
  }

  private func flush(_ bytes: [UInt8]) throws -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { return false }
        throw FileError("write", "standard output")
      }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
