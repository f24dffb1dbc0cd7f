package import Basics

/// An Arrow IPC file or stream of any writer as a source of typed rows.
///
/// Rows are read in batches of `ArrowFormat.rowsPerGroup`, whatever the batches of the file; columns are decoded side by
/// side, a batch ahead of the reader. A batch of the file is read piece by piece, so memory does not depend on its size.
///
/// | in the file | in the table |
/// |---|---|
/// | bool | boolean |
/// | integers of any width, unsigned ones beyond 64 bits with a sign as text; times of a day and durations, as they are | integer |
/// | floats of 16, 32 and 64 bits | number |
/// | date32, date64 | date |
/// | timestamps of any unit, rounded down to microseconds, those without a zone as UTC | timestamp |
/// | strings, and bytes that are UTF-8, in all their layouts; decimals; null | text |
/// | dictionaries of strings | category |
/// | other dictionaries | what their values are |
///
/// Nested columns are refused by name, and so are big-endian files. Tables that were written here are opened by `Table.open`.
package struct ArrowSource: TypedSource {
  package let name: String
  package let fields: [Field]
  private let file: SourceFile
  private let columns: [ArrowColumn]
  private let messages: [ArrowMessages.Message]
  private let rowCount: Int

  /// Whether a file that begins with these bytes, 8 of them, is a file or a stream of Arrow.
  package static func recognises(firstBytes bytes: [UInt8]) -> Bool {
    bytes.starts(with: ArrowMessages.magic) || ArrowMessages.beginsStream(bytes)
  }

  /// Reads the schema and the heads of all batches. Messages call it `name`. Throws `FileError` and
  /// `ColumnarFileError`.
  package init(_ path: String, named name: String? = nil, cancellation: Cancellation = .process) throws {
    self.name = name ?? path
    let file = try SourceFile(path, named: self.name)
    self.file = file
    do {
      let found = try ArrowMessages(file)
      var columns = found.columns
      messages = found.messages
      var total = 0
      for case .batch(let batch) in found.messages {
        guard batch.rowCount <= Int.max / 2 - total else { throw ColumnarProblem.damaged("it has too many rows") }
        total += batch.rowCount
      }
      rowCount = total
      for index in columns.indices where columns[index].meaning == .unsigned && columns[index].layout == .fixed(8) {
        let reader = ArrowColumnReader(file, columns[index], index, found.messages)
        if try isBeyondIntegers(rowCount: total, cancellation, reader.read) { columns[index].meaning = .unsignedText }
      }
      self.columns = columns
      fields = columns.map(\.field)
    } catch let problem as ColumnarProblem {
      throw ColumnarFileError(file: self.name, format: .arrow, problem: problem)
    }
  }

  package func digest(_ cancellation: Cancellation) throws -> Digest { try file.digest(cancellation) }

  package func eachBatch(
    of columns: [Int], threads: Int, cancellation: Cancellation, _ body: (TypedBatch) throws -> Void
  ) throws {
    let readers = columns.map { ArrowColumnReader(file, self.columns[$0], $0, messages) }
    let rows = ArrowFormat.rowsPerGroup(columns: fields.count)
    try file.reading(.arrow) {
      try eachColumnBatch(
        readers.map { reader in { try reader.read($0) } }, rowCount: rowCount, batchRows: rows, threads, cancellation,
        body)
    }
  }
}
