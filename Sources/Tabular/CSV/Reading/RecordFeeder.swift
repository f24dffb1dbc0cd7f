import CParsing

/// A run of whole records that one thread reads.
struct Piece: Sendable {
  /// The first row within the row group, a multiple of 64.
  var firstRow: Int
  /// Records, blank lines among them: as many rows as the piece can have at most.
  var recordCount: Int
  /// Where it begins in the text, and the lines before it.
  var offset, line: Int
  /// Whether quotes stand where a quick look cannot tell cells apart.
  var isIrregular: Bool
}

/// Cuts text that comes from front to back into pieces of whole records, each a multiple of 64 of them but the last of a row
/// group. One thread at a time.
struct RecordFeeder: Sendable {
  /// Text in which no record ends is taken for a quote that is not closed.
  static var limit: Int { 256 << 20 }

  private var source: SourceText
  /// Nil where every line feed ends a record.
  private let dialect: CSVDialect?
  private let pieceSize: Int
  private let groupRows: Int
  /// What was read behind the last piece.
  private let rest = TextBuffer()
  private var isAtEnd = false
  /// Where `rest` begins in the text, and the lines before.
  private(set) var offset: Int
  private(set) var line: Int
  /// Records handed out of the group at hand.
  private var groupRecords = 0

  /// The source stands behind `read`, which was read from it already and begins with a record, at `offset` and `line` of
  /// the text.
  init(
    _ source: SourceText, dialect: CSVDialect?, read: UnsafeBufferPointer<UInt8>, offset: Int, line: Int,
    pieceSize: Int, groupRows: Int
  ) {
    self.source = source
    self.dialect = dialect
    self.pieceSize = max(1, pieceSize)
    self.groupRows = groupRows
    self.offset = offset
    self.line = line
    rest.append(read)
  }

  /// Bytes of the file that were taken in.
  var consumed: Int { source.consumed }

  /// Whether all text was handed out.
  var isDone: Bool { isAtEnd && rest.count == 0 }

  /// Begins the next row group.
  mutating func beginGroup() { groupRecords = 0 }

  /// Puts the next piece of the row group into `buffer`; nil when the group is full or the text at its end. Throws what
  /// the source throws, and `RecordTooLong`.
  mutating func next(into buffer: TextBuffer) throws -> Piece? {
    let limit = groupRows - groupRecords
    if limit == 0 || isDone { return nil }
    buffer.removeAll()
    buffer.append(rest.bytes)
    rest.removeAll()
    var size = max(pieceSize, buffer.count + 1)
    var scan = dialect.map { RecordScan($0, limit: limit) } ?? RecordScan(linesUpTo: limit)
    while true {
      try fill(buffer, to: size)
      scan.advance(buffer, isAtEnd: isAtEnd)
      if scan.isFull || isAtEnd { break }
      if scan.cut > 0, buffer.count >= pieceSize { break }
      if buffer.count > Self.limit, scan.cut == 0 { throw RecordTooLong(offset: offset, line: line + 1) }
      size = buffer.count * 2
    }
    let cut = scan.isFull || !isAtEnd ? scan.cut : buffer.count
    let records = scan.isFull || !isAtEnd ? scan.cutRecords : scan.records
    rest.append(UnsafeBufferPointer(rebasing: buffer.bytes[cut...]))
    buffer.truncate(to: cut)
    let piece = Piece(
      firstRow: groupRecords, recordCount: records, offset: offset, line: line, isIrregular: scan.isIrregular)
    groupRecords += records
    line += scan.lines(buffer)
    offset += cut
    return piece
  }

  private mutating func fill(_ buffer: TextBuffer, to size: Int) throws {
    while !isAtEnd, buffer.count < size {
      let received = try buffer.fill(size - buffer.count) { try source.read(into: $0) }
      if received == 0 { isAtEnd = true }
    }
    // The last record may lack its line break.
    if isAtEnd, let last = buffer.bytes.last, last != lineFeed, dialect == nil || last != carriageReturn {
      buffer.append(lineFeed)
    }
  }
}
