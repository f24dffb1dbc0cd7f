import Basics
import Glibc
import Inference
import Tabular

/// Rows to be scored, batch after batch, from a file or from standard input, of any format; libsvm for a model of such rows.
struct InputBatches {
  private let read: () throws -> CSVBatch?

  /// `file` is nil or `-` for standard input; `keep` names columns to be kept as text. Throws `FileError`, `CSVError`, and
  /// what readers of other formats throw.
  init(for model: Model, file: String?, keep: [String] = [], format: CSVFormat) throws {
    let fields = model.inputs
    guard let file, file != "-" else {
      let input = try InputStream(descriptor: STDIN_FILENO, named: "standard input")
      read = try InputBatches.rows(of: input, model, keep: keep, format: format)
      return
    }
    if model.readsSparseRows {
      let batches = try LibSVMBatches(path: file, keep: keep)
      read = { try batches.next() }
    } else if let other = try SourceFormat.ofUnusual(file) {
      let batches = try FileBatches(
        path: file, format: other, wanted: fields, keep: keep, csv: format, threads: processorCount())
      read = { try batches.next() }
    } else {
      let batches = try CSVBatches(path: file, wanted: fields, keep: keep, format: format)
      read = { try batches.next() }
    }
  }

  private static func rows(
    of input: InputStream, _ model: Model, keep: [String], format: CSVFormat
  ) throws -> () throws -> CSVBatch? {
    if model.readsSparseRows {
      let batches = input.libSVM(keep: keep)
      return { try batches.next() }
    }
    switch input.format {
    case .csv:
      let batches = input.csv(wanted: model.inputs, keep: keep, format: format)
      return { try batches.next() }
    case .jsonl:
      let batches = input.jsonLines(wanted: model.inputs, keep: keep, format: format)
      return { try batches.next() }
    default:
      let batches = try input.file(wanted: model.inputs, keep: keep, csv: format, threads: processorCount())
      return { try batches.next() }
    }
  }

  func next() throws -> CSVBatch? { try read() }
}
