package import Diagnostics

extension ColumnarFileError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] {
    let format = format.rawValue
    func error(_ code: String, _ words: String, help: String...) -> [Diagnostic] {
      [.error(code, words, at: Place(file: file), help: help)]
    }
    let getAgain = "get it again; if it was written like this, report the writer"
    switch problem {
    case .otherFormat: return error("other-format", "this is no \(format) file: it does not begin as one")
    case .truncated:
      return error(
        "truncated-file", "the end of the \(format) file is missing",
        help: "it was not copied whole or is still being written: get it again")
    case .damaged(let what, let column):
      return error("damaged-file", "the \(format) file is damaged: \(ofColumn(column))\(what)", help: getAgain)
    case .encrypted:
      return error(
        "encrypted-file", "the \(format) file is encrypted, which is not read", help: "write it anew without encryption"
      )
    case .bigEndian:
      return error(
        "big-endian", "the \(format) file holds big-endian numbers, which are not read",
        help: "write it anew on a little-endian machine, or as Parquet")
    case .nested(let columns):
      let names = columns.map { "'\($0)'" }.joined(separator: ", ")
      return error(
        "nested-column",
        "\(columns.count == 1 ? "column \(names) is" : "columns \(names) are") nested, which a table cannot hold",
        help: "write the file anew with the parts that matter as columns of their own, or without it")
    case .unsupportedType(let type, let column):
      return error(
        "unsupported-type", "column '\(column)' is of the type \(type), which is not read",
        help: "write the file anew with the column as numbers or strings, or without it")
    case .unsupportedEncoding(let encoding, let column):
      return error(
        "unsupported-encoding", "column '\(column)' is encoded as \(encoding), which is not read",
        help: "write the file anew; with pyarrow: pq.write_table(pq.read_table(OLD), NEW)")
    case .unsupportedCodec(let codec, let column):
      return error(
        "unsupported-codec", "column '\(column)' is compressed with \(codec), which is not read",
        help: "write the file anew; with pyarrow: pq.write_table(pq.read_table(OLD), NEW, compression=\"zstd\")")
    case .notText(let column, let row):
      return error(
        "not-text", "column '\(column)' holds bytes that are no UTF-8 text in row \(row)",
        help: "write the file anew with the column as text, such as base64, or without it")
    case .outOfRange(let what, let column, let row):
      return error(
        "out-of-range", "column '\(column)' holds \(what) in row \(row)",
        help: "such values often stand for missing ones: write nulls instead")
    case .tooLarge(let what, let column):
      return error(
        "too-large", "\(ofColumn(column))\(what)", help: "write the file anew with smaller pages or batches")
    }
  }

  private func ofColumn(_ column: String?) -> String { column.map { "column '\($0)': " } ?? "" }
}
