import Basics
import CParsing

/// A run of whole records that one thread reads.
struct Piece: Sendable {
  /// The first row within the row group, a multiple of 64.
  var firstRow: Int
  /// Records, blank lines among them: as many rows as the piece can have at most.
  var recordCount: Int
  /// Behind its rows: where the next piece begins.
  var rowEnd: Int { (firstRow + recordCount + 63) / 64 * 64 }
  /// Where it begins in the text, and the lines before it.
  var offset, line: Int
  /// Whether quotes stand where a quick look cannot tell cells apart.
  var isIrregular: Bool
}

/// Cuts text that comes from front to back into pieces of whole records, each a multiple of 64 of them but the last of a row
/// group. One thread at a time.
struct RecordFeeder: Sendable {
  /// Text in which no record ends is taken for a quote that is not closed.
  static var limit: Int { 64 << 20 }
  /// Records so large that 64 of them have more are handed out one by one.
  private static let largePiece = 16 << 20
  /// What is read between two looks at the cancellation.
  private static let chunk = 4 << 20

  private var source: SourceText
  private let cancellation: Cancellation
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
    pieceSize: Int, groupRows: Int, _ cancellation: Cancellation
  ) {
    self.source = source
    self.cancellation = cancellation
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
      if buffer.count >= Self.largePiece, scan.cut == 0 {
        let large = LargeRecords(buffer.bytes, dialect)
        if large.count > 0 { return take(large.end, large.count, buffer, scan, lines: large.lines) }
        if buffer.count > Self.limit { throw RecordTooLong(offset: offset, line: line + 1) }
      }
      size = min(buffer.count * 2, max(buffer.count + pieceSize, Self.limit + 1))
    }
    let cut = scan.isFull || !isAtEnd ? scan.cut : buffer.count
    let records = scan.isFull || !isAtEnd ? scan.cutRecords : scan.records
    return take(cut, records, buffer, scan, lines: nil)
  }

  /// Leaves so many bytes and records in `buffer`; `lines` of them, where that is known.
  private mutating func take(
    _ cut: Int, _ records: Int, _ buffer: TextBuffer, _ scan: RecordScan, lines: Int?
  ) -> Piece {
    rest.append(UnsafeBufferPointer(rebasing: buffer.bytes[cut...]))
    buffer.truncate(to: cut)
    let piece = Piece(
      firstRow: groupRecords, recordCount: records, offset: offset, line: line, isIrregular: scan.isIrregular)
    groupRecords = min(groupRows, piece.rowEnd)
    line += lines ?? scan.lines(buffer)
    offset += cut
    return piece
  }

  private mutating func fill(_ buffer: TextBuffer, to size: Int) throws {
    while !isAtEnd, buffer.count < size {
      try cancellation.check()
      let received = try buffer.fill(min(Self.chunk, size - buffer.count)) { try source.read(into: $0) }
      if received == 0 { isAtEnd = true }
    }
    // The last record may lack its line break.
    if isAtEnd, let last = buffer.bytes.last, last != lineFeed, dialect == nil || last != carriageReturn {
      buffer.append(lineFeed)
    }
  }
}

/// The whole records at the start of text in which fewer than 64 end.
private struct LargeRecords {
  private(set) var count = 0
  /// Behind the last of them, and the line breaks before.
  private(set) var end = 0
  let lines: Int

  /// Without a dialect, lines are records.
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: CSVDialect?) {
    if let dialect {
      var machine = RecordMachine(dialect)
      for at in bytes.indices.dropLast() where machine.ends(bytes[at], before: bytes[at + 1]) {
        count += 1
        end = at + 1
      }
    } else {
      while let feed = bytes.firstOffset(of: lineFeed, from: end) {
        count += 1
        end = feed + 1
      }
    }
    lines = dialect == nil ? count : bytes.lineBreaks(in: 0..<end)
  }
}
