package import Basics

/// A Parquet file as a source of typed rows.
///
/// Rows are read in batches of `ArrowFormat.rowsPerGroup`, whatever the row groups of the file; columns are decoded side by
/// side, a batch ahead of the reader. Memory holds a page of each column and two batches.
///
/// | in the file | in the table |
/// |---|---|
/// | boolean | boolean |
/// | integers of any width, unsigned ones beyond 64 bits with a sign as text; times of a day, as they are | integer |
/// | float, double, float16 | number |
/// | date | date |
/// | timestamps of any unit, rounded down to microseconds, local ones as UTC; INT96 | timestamp |
/// | strings, enums, JSON, bytes that are UTF-8, decimals, UUIDs | text |
///
/// Nested columns are refused by name. Source of the format: apache/parquet-format.
package struct ParquetSource: TypedSource {
  package let name: String
  package let fields: [Field]
  private let file: SourceFile
  private let columns: [ParquetColumn]
  private let rowGroups: [ParquetMetadata.RowGroup]
  private let rowCount: Int
  private let batchRows: Int

  /// Whether a file that begins with these bytes is one.
  package static func recognises(firstBytes bytes: [UInt8]) -> Bool {
    bytes.starts(with: Self.magic) || bytes.starts(with: encryptedMagic)
  }

  private static let magic = Array("PAR1".utf8)
  private static let encryptedMagic = Array("PARE".utf8)

  /// Reads the footer. Messages call it `name`. Throws `FileError` and
  /// `ColumnarFileError`.
  package init(_ path: String, named name: String? = nil, cancellation: Cancellation = .process) throws {
    self.name = name ?? path
    let file = try SourceFile(path, named: self.name)
    self.file = file
    do {
      let metadata = try Self.metadata(file)
      var columns = try ParquetColumn.all(of: metadata.schema)
      var total = 0
      for group in metadata.rowGroups {
        guard group.rowCount >= 0, group.rowCount <= Int.max / 2 - total, group.columns.count == columns.count else {
          throw ColumnarProblem.damaged("a row group has not the columns of the schema")
        }
        total += group.rowCount
      }
      guard total == metadata.rowCount else {
        throw ColumnarProblem.damaged("its row groups have \(total) rows, expected \(metadata.rowCount)")
      }
      rowCount = total
      rowGroups = metadata.rowGroups
      batchRows = Self.batchRows(metadata, columns: columns.count)
      for index in columns.indices where columns[index].meaning == .unsigned && columns[index].width == 8 {
        let reader = Self.reader(file, columns[index], index, metadata.rowGroups)
        if try isBeyondIntegers(rowCount: total, cancellation, reader.read) { columns[index].meaning = .unsignedText }
      }
      self.columns = columns
      fields = columns.map(\.field)
    } catch let problem as ColumnarProblem {
      throw ColumnarFileError(file: self.name, format: .parquet, problem: problem)
    }
  }

  package func digest(_ cancellation: Cancellation) throws -> Digest { try file.digest(cancellation) }

  package func eachBatch(
    of columns: [Int], threads: Int, cancellation: Cancellation, _ body: (TypedBatch) throws -> Void
  ) throws {
    let readers = columns.map { Self.reader(file, self.columns[$0], $0, rowGroups) }
    try file.reading(.parquet) {
      try eachColumnBatch(
        readers.map { reader in { try reader.read($0) } }, rowCount: rowCount, batchRows: batchRows, threads,
        cancellation, body)
    }
  }

  private static func reader(
    _ file: SourceFile, _ column: ParquetColumn, _ index: Int, _ groups: [ParquetMetadata.RowGroup]
  ) -> ParquetColumnReader {
    ParquetColumnReader(file, column, groups.map { ($0.rowCount, $0.columns[index]) })
  }

  /// As many rows as a group of the table has, fewer where they would take more than 256 MiB.
  private static func batchRows(_ metadata: ParquetMetadata, columns: Int) -> Int {
    let usual = ArrowFormat.rowsPerGroup(columns: columns)
    let perRow = metadata.rowGroups.map { max(0, $0.byteSize) / max(1, $0.rowCount) }.max() ?? 0
    return max(1, min(usual, (256 << 20) / max(1, perRow)))
  }

  private static func metadata(_ file: SourceFile) throws -> ParquetMetadata {
    guard file.size >= 12 else { throw ColumnarProblem.otherFormat }
    let head = try file.read(0..<4).withBytes { Array($0) }
    if head == encryptedMagic { throw ColumnarProblem.encrypted }
    guard head == magic else { throw ColumnarProblem.otherFormat }
    let (size, end) = try file.read(file.size - 8..<file.size).withBytes { tail in
      (Int(UInt32(littleEndian: tail.loadUnaligned(as: UInt32.self))), Array(tail.suffix(4)))
    }
    guard end == magic else { throw end == encryptedMagic ? ColumnarProblem.encrypted : .truncated }
    guard size <= file.size - 12 else { throw ColumnarProblem.damaged("its footer is longer than the file") }
    guard size <= 256 << 20 else {
      throw ColumnarProblem.tooLarge(
        "the footer of the file takes \(size) bytes, expected 256 MiB at most", column: nil)
    }
    let metadata = try file.read(file.size - 8 - size..<file.size - 8).withBytes { try ParquetMetadata($0) }
    if metadata.isEncrypted { throw ColumnarProblem.encrypted }
    return metadata
  }
}
