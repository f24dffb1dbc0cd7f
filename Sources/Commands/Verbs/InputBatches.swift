import Basics
import Diagnostics
import Glibc
import Inference
import ObjectStore
import Tabular

/// Rows to be scored, batch after batch, from a file, a database or standard input, of any format; libsvm for a model of such
/// rows.
struct InputBatches {
  private let read: () throws -> CSVBatch?

  /// `file` is nil or `-` for standard input; `keep` names columns to be kept as text; `place` says where to lay out what has
  /// to be. Throws `FileError`, `CSVError`, and what readers of other formats throw.
  init(for model: Model, file: String?, keep: [String] = [], format: ScoringFormat, place: WorkspaceOptions) throws {
    let fields = model.inputs
    guard let file, file != "-" else {
      let input = try InputStream(descriptor: STDIN_FILENO, named: "standard input")
      read = try InputBatches.rows(of: input, model, keep: keep, format: format)
      return
    }
    if model.readsSparseRows {
      let batches = try LibSVMBatches(path: file, keep: keep)
      read = { try batches.next() }
      return
    }
    if isAddress(file) {
      let source = try readTable(
        file, missing: format.missing, settings: format.settings, scratch: scratchFolder(place))
      let batches = try FileBatches(
        source.table, named: sourceTitle(file), wanted: fields, keep: keep, missing: format.missing)
      read = { try batches.next() }
      return
    }
    let kind = try InputBatches.format(of: file)
    if kind != .sqlite { try format.check(kind, of: file) }
    if kind == .csv || kind == .tsv {
      let csv = format.csv(SourceFormat.byName(file))
      let batches = try CSVBatches(path: file, wanted: fields, keep: keep, format: csv)
      read = { try InputBatches.hinting(at: csv, wanted: fields.count) { try batches.next() } }
    } else {
      let batches = try FileBatches(
        path: file, format: kind, wanted: fields, keep: keep, csv: format.csv(nil), selection: format.selection,
        threads: processorCount())
      read = { try batches.next() }
    }
  }

  /// The format of a file; CSV of what is none, such as a pipe with a name, whose bytes come only once.
  private static func format(of file: String) throws -> SourceFormat {
    guard let status = try Files.status(file), status.kind == .file else { return .csv }
    let format = SourceFormat.detected(head: try SourceFormat.firstBytes(of: file), name: file)
    // A model of columns reads text as cells.
    return format == .libsvm ? .csv : format
  }

  private static func rows(
    of input: InputStream, _ model: Model, keep: [String], format: ScoringFormat
  ) throws -> () throws -> CSVBatch? {
    if model.readsSparseRows {
      let batches = input.libSVM(keep: keep)
      return { try batches.next() }
    }
    if input.format != .sqlite { try format.check(input.format, of: "standard input") }
    switch input.format {
    case .csv:
      let (csv, wanted) = (format.csv(nil), model.inputs)
      let batches = input.csv(wanted: wanted, keep: keep, format: csv)
      return { try hinting(at: csv, wanted: wanted.count) { try batches.next() } }
    case .jsonl:
      let batches = input.jsonLines(wanted: model.inputs, keep: keep, format: format.csv(nil))
      return { try batches.next() }
    default:
      let batches = try input.file(
        wanted: model.inputs, keep: keep, csv: format.csv(nil), selection: format.selection,
        threads: processorCount())
      return { try batches.next() }
    }
  }

  /// Where none of the wanted columns is there, the cells may stand between other characters.
  private static func hinting<Result>(at format: CSVFormat, wanted: Int, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as CSVError {
      var problems = error.diagnostics
      guard wanted > 0, problems.count(where: { $0.code == "missing-column" }) >= wanted else { throw error }
      let delimiter = format.delimiter == 9 ? "tabs" : "'\(Character(Unicode.Scalar(format.delimiter)))'"
      problems[problems.count - 1].help.append(
        "cells are taken to stand between \(delimiter); --delimiter says otherwise")
      throw Problems(problems, failure: error.failure)
    }
  }

  func next() throws -> CSVBatch? { try read() }
}
