import Basics
import Glibc
import Inference
import Tabular

/// Rows to be scored, batch after batch, from a file of any format or from standard input, which is CSV, or libsvm for a
/// model of such rows.
struct InputBatches {
  private let read: () throws -> CSVBatch?

  /// `file` is nil or `-` for standard input; `keep` names columns to be kept as text. Throws `FileError`, `CSVError`, and
  /// what readers of other formats throw.
  init(for model: Model, file: String?, keep: [String] = [], format: CSVFormat) throws {
    let file = file == "-" ? nil : file
    if model.readsSparseRows {
      let batches =
        try file.map { try LibSVMBatches(path: $0, keep: keep) }
        ?? LibSVMBatches(descriptor: STDIN_FILENO, named: "standard input", keep: keep)
      read = { try batches.next() }
      return
    }
    let fields = model.inputs
    if let file, let other = try SourceFormat.ofUnusual(file) {
      let batches = try FileBatches(
        path: file, format: other, wanted: fields, keep: keep, csv: format, threads: processorCount())
      read = { try batches.next() }
      return
    }
    let batches =
      try file.map { try CSVBatches(path: $0, wanted: fields, keep: keep, format: format) }
      ?? CSVBatches(descriptor: STDIN_FILENO, named: "standard input", wanted: fields, keep: keep, format: format)
    read = { try batches.next() }
  }

  func next() throws -> CSVBatch? { try read() }
}
