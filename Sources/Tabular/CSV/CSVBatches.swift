package import Basics
import Diagnostics
import Glibc

/// Some rows of a CSV file that is read from front to back.
package struct CSVBatch: Sendable {
  /// The wanted columns, in the order they were asked for, with the wanted types. The dictionary of a category holds the
  /// levels of this batch only.
  package var table: Table
  /// The columns to keep, each once, as text as it stands in the file, missing markers too; missing where empty.
  package var kept: Table
  /// Rows of the file before this batch.
  package var firstRow: Int
}

/// Reads a CSV file or a pipe batch after batch in constant memory, for scoring.
///
/// The wanted columns are found by name, in any order; other columns are passed over. Rows come out as they go in, however
/// they are cut into batches. One thread at a time.
package final class CSVBatches {
  private let name: String
  private let format: CSVFormat
  private let fields: [Field]
  private let keep: [String]
  private let batchRows: Int
  private let pieceSize: Int
  private let markers: MissingMarkers
  private let cancellation: Cancellation
  private var reader: RecordReader
  private var header: CSVHeader?
  /// The columns of the file that are wanted, then those that are kept.
  private var positions: [Int] = []
  private var lineCount = 0
  private var rowCount = 0
  /// Pieces of the window that are done, and the records of the piece at hand with its first row that is not.
  private var nextPiece = 0
  private var piece: (records: CSVRecords, range: Range<Int>, row: Int)?

  /// Opens a file, compressed or not. `keep` names columns to be kept as text. Batches have at most `batchRows` rows. Throws
  /// `FileError`.
  package convenience init(
    path: String, wanted: [Field], keep: [String] = [], format: CSVFormat = CSVFormat(), batchRows: Int = 8192,
    cancellation: Cancellation = .process
  ) throws {
    self.init(
      stream: try openBytes(path: path, cancellation: cancellation), named: path, wanted: wanted, keep: keep,
      format: format, batchRows: batchRows, cancellation: cancellation)
  }

  /// Reads from an open descriptor, such as 0 for standard input, and leaves it open. Messages call it `name`.
  package convenience init(
    descriptor: Int32, named name: String, wanted: [Field], keep: [String] = [], format: CSVFormat = CSVFormat(),
    batchRows: Int = 8192, pieceSize: Int = 1 << 20, cancellation: Cancellation = .process
  ) {
    self.init(
      stream: FileBytes(descriptor: descriptor, named: name, cancellation), named: name, wanted: wanted, keep: keep,
      format: format, batchRows: batchRows, pieceSize: pieceSize, cancellation: cancellation)
  }

  /// Reads a stream.
  init(
    stream: any ByteStream, named name: String, wanted: [Field], keep: [String] = [], format: CSVFormat,
    batchRows: Int = 8192, pieceSize: Int = 1 << 20, cancellation: Cancellation = .process
  ) {
    reader = RecordReader(TextBytes(stream, format.encoding), format.dialect)
    self.name = name
    self.format = format
    fields = wanted
    self.keep = distinct(keep)
    self.batchRows = max(1, batchRows)
    self.pieceSize = max(1, pieceSize)
    markers = MissingMarkers(format)
    self.cancellation = cancellation
  }

  /// The column names of the file. Reads no further than needed. Throws as `next`.
  package func columnNames() throws -> [String] { try readHeader().names }

  /// The next rows, or nil at the end. A file with a header and no rows gives none.
  ///
  /// Throws `CSVError` for columns that are not there, cells that are not of the wanted type, and records that cannot be
  /// told apart; `FileError`; `Cancelled`.
  package func next() throws -> CSVBatch? {
    _ = try readHeader()
    while true {
      if let current = piece, current.row < current.records.rowCount {
        let rows = current.row..<min(current.records.rowCount, current.row + batchRows)
        piece?.row = rows.upperBound
        return try batch(current.records, current.range, rows)
      }
      guard try nextRecords() else { return nil }
    }
  }

  private func readHeader() throws -> CSVHeader {
    if let header { return header }
    // Blank lines and comments before the header end before it does.
    guard try advance(isEnough: holdsHeader) else { throw CSVError(name, [.empty]) }
    let header = try CSVHeader(reader.buffer, file: name, format: format)
    reader.skipHeader(header.byteCount)
    lineCount = header.lineCount
    let places = Dictionary(uniqueKeysWithValues: zip(header.names, header.names.indices))
    var problems: [CSVProblem] = []
    for (index, column) in (fields.map(\.name) + keep).enumerated() {
      if let place = places[column] {
        positions.append(place)
      } else {
        let nearest = nearestName(to: column, among: header.names)
        problems.append(.missingColumn(column, nearest: nearest, use: index < fields.count ? .wanted : .kept))
      }
    }
    if !problems.isEmpty { throw CSVError(name, problems) }
    self.header = header
    return header
  }

  /// Whether bytes from the start of the text hold a whole record, or what can never be one.
  private func holdsHeader(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var tokenizer = CSVTokenizer(bytes, format.dialect)
    var cells: [CellSpan] = []
    do throws(CSVFlaw) {
      guard let record = try tokenizer.nextRecord(into: &cells), record.offset < tokenizer.offset else { return false }
      return [lineFeed, carriageReturn].contains(bytes[tokenizer.offset - 1])
    } catch {
      return error.kind != .unclosedQuote
    }
  }

  /// Cuts the next piece into records; false at the end.
  private func nextRecords() throws -> Bool {
    if let piece { lineCount += piece.records.lineCount }
    piece = nil
    if nextPiece == reader.cuts.count {
      guard try advance() else { return false }
    }
    let start = nextPiece == 0 ? 0 : reader.cuts[nextPiece - 1]
    let range = start..<reader.cuts[nextPiece]
    nextPiece += 1
    let records = try reader.buffer.withUnsafeBufferPointer { buffer in
      let bytes = UnsafeBufferPointer(rebasing: buffer[range])
      let columnCount = header?.names.count ?? 0
      let records = CSVRecords(bytes, format.dialect, columnCount: columnCount)
      if let flaw = bytes.firstUnreadable() ?? records.flaw {
        throw CSVError(name, [CSVProblem(flaw, at: bytes.place(of: flaw.offset, file: name, line: lineCount))])
      }
      if records.ragged.count > 0 {
        let first = Place(file: name, line: lineCount + records.ragged.firstLine + 1, column: 1)
        throw CSVError(
          name, [.ragged(count: nil, found: records.ragged.firstFound, expected: columnCount, first: first)])
      }
      return records
    }
    piece = (records, range, 0)
    return true
  }

  private func advance(isEnough: (UnsafeBufferPointer<UInt8>) -> Bool = { _ in true }) throws -> Bool {
    try cancellation.check()
    nextPiece = 0
    do {
      return try reader.advance(window: pieceSize, piece: pieceSize, waits: false, isEnough: isEnough)
    } catch is RecordTooLong {
      throw CSVError(name, [.recordTooLong(Place(file: name, line: lineCount + 1))])
    }
  }

  private func batch(_ records: CSVRecords, _ range: Range<Int>, _ rows: Range<Int>) throws -> CSVBatch {
    let columns = try reader.buffer.withUnsafeBufferPointer { buffer in
      let cells = BatchCells(
        bytes: UnsafeBufferPointer(rebasing: buffer[range]), records: records, rows: rows, dialect: format.dialect)
      let wanted = fields + keep.map { Field(name: $0, type: .text) }
      var problems: [CSVProblem] = []
      let columns = zip(wanted, positions).enumerated().map { index, column in
        let (field, position) = column
        let markers = index < fields.count ? markers : MissingMarkers(CSVFormat())
        return cells.column(field, position: position, markers, trims: format.trims) {
          problems.append(problem(field, $0, cells))
        }
      }
      if !problems.isEmpty { throw CSVError(name, problems) }
      return columns
    }
    defer { rowCount += rows.count }
    return CSVBatch(
      table: Table(columns: Array(columns.prefix(fields.count)), rowCount: rows.count),
      kept: Table(columns: Array(columns.dropFirst(fields.count)), rowCount: rows.count), firstRow: rowCount)
  }

  private func problem(_ field: Field, _ misfit: CellSpan, _ cells: BatchCells) -> CSVProblem {
    let found = cells.bytes.withContent(of: misfit, format.dialect) { content in
      NumberDialect(format.dialect).withPlain(content) { CellClass($0, markers) }
    }
    return .mistyped(
      column: field.name, expected: field.type, found: .init(found), count: nil,
      first: cells.bytes.place(of: misfit.range.lowerBound, file: name, line: lineCount))
  }
}

/// The cells of some rows.
private struct BatchCells {
  let bytes: UnsafeBufferPointer<UInt8>
  let records: CSVRecords
  let rows: Range<Int>
  let dialect: CSVDialect

  private func cell(_ row: Int, _ position: Int) -> CellSpan { records.cells[row * records.columnCount + position] }

  /// A column with the values of one column of the file; calls `report` with the first cell that is not of its type.
  func column(
    _ field: Field, position: Int, _ markers: MissingMarkers, trims: Bool, report: (CellSpan) -> Void
  ) -> Column {
    var levels = LevelTable()
    if field.type == .category {
      for row in rows {
        bytes.withContents(of: cell(row, position), dialect) { content, text in
          if !markers.contains(content) { levels.insert(trims ? content : text) }
        }
      }
    }
    let parser = CellParser(field.type, levels: levels, markers: markers)
    // Numbers are stored as they are usually written, and markers are what stands in the file.
    let isNumber = field.type == .integer || field.type == .number
    let numbers = NumberDialect(dialect)
    let plainParser = isNumber ? CellParser(field.type, levels: levels, markers: .none) : parser
    let buffer = SegmentBuffer(field.type, rowCount: rows.count)
    var misfit: CellSpan?
    for row in rows {
      let cell = cell(row, position)
      let place = row - rows.lowerBound
      let stored = bytes.withContents(of: cell, dialect) { content, text in
        if isNumber {
          return markers.contains(content)
            || numbers.withPlain(content) { plainParser.store($0, in: buffer, row: place) }
        }
        let isText = field.type.isString && !trims && !markers.contains(content)
        return parser.store(isText ? text : content, in: buffer, row: place)
      }
      if !stored, misfit == nil { misfit = cell }
    }
    if let misfit { report(misfit) }
    return Column(
      field: field, dictionary: parser.dictionary, segments: [buffer.segment], segmentRows: rows.count,
      owners: [buffer])
  }
}

func distinct(_ names: [String]) -> [String] {
  var seen: Set<String> = []
  return names.filter { seen.insert($0).inserted }
}
