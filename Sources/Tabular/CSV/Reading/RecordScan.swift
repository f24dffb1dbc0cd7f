import CParsing

/// Finds where records end in text that grows, quickly as long as quotes stand only where they should.
struct RecordScan {
  private let dialect: CSVDialect
  private let limit: Int
  /// Whether every line feed ends a record.
  private let isLines: Bool
  private var quick = parsing_scan()
  private var scanned = 0
  private var slow = SlowRecordScan()
  private(set) var isIrregular: Bool

  /// Stops behind record number `limit`, a multiple of 64.
  init(_ dialect: CSVDialect, limit: Int) {
    self.dialect = dialect
    self.limit = limit
    isLines = false
    quick.separator = 1
    isIrregular = !dialect.isPlain
  }

  /// The same for text of lines: what ends with a line feed is a record.
  init(linesUpTo limit: Int) {
    dialect = CSVDialect(delimiter: lineFeed)
    self.limit = limit
    isLines = true
    isIrregular = false
  }

  /// Behind the last record whose number is a multiple of 64, and that number.
  var cut: Int { isIrregular ? slow.cut : Int(quick.cut) }
  var cutRecords: Int { isIrregular ? slow.cutRecords : Int(quick.cut_records) }
  var records: Int { isIrregular ? slow.records : Int(quick.records) }
  var isFull: Bool { cutRecords == limit }

  /// Looks at what is new in the text.
  mutating func advance(_ text: TextBuffer, isAtEnd: Bool) {
    if !isIrregular {
      scanned += Int(
        parsing_scan_records(
          text.start + scanned, Int64(text.count - scanned), Int64(scanned), Int64(limit),
          isLines ? parsing_dialect(delimiter: lineFeed, quote: 0) : dialect.kernels, &quick))
      if isLines { return }
      let ends = isAtEnd && !isFull && (quick.inside != 0 || quick.returned & 1 != 0)
      isIrregular = quick.flags & UInt32(PARSING_IS_IRREGULAR) != 0 || ends
    }
    if isIrregular { slow = SlowRecordScan(text.bytes, dialect, limit: limit, isAtEnd: isAtEnd) }
  }

  /// The line breaks of a piece that was scanned.
  func lines(_ piece: TextBuffer) -> Int {
    // Only line feeds are counted on the way, and a CR within quotes may stand alone.
    let hasReturn = quick.flags & UInt32(PARSING_HAS_RETURN) != 0
    if isIrregular || hasReturn { return piece.bytes.lineBreaks(in: 0..<piece.count) }
    return piece.count == cut ? Int(quick.cut_lines) : Int(quick.lines)
  }
}

/// The same, byte by byte, in the states of `CSVTokenizer`.
struct SlowRecordScan {
  private(set) var cut = 0
  private(set) var cutRecords = 0
  private(set) var records = 0

  init() {}

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: CSVDialect, limit: Int, isAtEnd: Bool) {
    var machine = RecordMachine(dialect)
    for at in bytes.indices {
      // A CR at the end may be half of a CRLF.
      let next = at + 1 < bytes.count ? bytes[at + 1] : isAtEnd ? lineFeed &+ 1 : lineFeed
      guard machine.ends(bytes[at], before: next) else { continue }
      records += 1
      if records % 64 == 0 {
        cut = at + 1
        cutRecords = records
        if records == limit { return }
      }
    }
    // A record that the end cuts off.
    if isAtEnd, machine.isWithinRecord { records += 1 }
  }
}

/// Follows text byte by byte and says where records end.
struct RecordMachine {
  /// `closed` is behind the space that follows a quoted cell; `skipped` lasts to the line break: a comment, or what is left
  /// of a record with text behind a quoted cell.
  private enum State { case recordStart, cellStart, plain, quoted, afterQuote, closed, skipped }

  private let dialect: CSVDialect
  private var state = State.recordStart
  private var isEscaped = false

  init(_ dialect: CSVDialect) { self.dialect = dialect }

  var isWithinRecord: Bool { state != .recordStart }

  /// Whether a record ends with this byte, where `next` follows.
  mutating func ends(_ byte: UInt8, before next: UInt8) -> Bool {
    if isEscaped {
      isEscaped = false
      return false
    }
    if state == .quoted {
      if dialect.escape != 0, byte == dialect.escape, byte != dialect.quote {
        isEscaped = true
      } else if byte == dialect.quote {
        state = .afterQuote
      }
      return false
    }
    if byte == lineFeed || byte == carriageReturn && next != lineFeed {
      state = .recordStart
      return true
    }
    if state == .recordStart, dialect.comment != 0, byte == dialect.comment {
      state = .skipped
    } else if state == .skipped {
      return false
    } else if byte == dialect.delimiter {
      state = .cellStart
    } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
      if state == .recordStart { state = .cellStart }
      if state == .afterQuote { state = .closed }
    } else if state == .closed || state == .afterQuote && byte != dialect.quote {
      state = .skipped
    } else if dialect.quote != 0, byte == dialect.quote {
      if state != .plain { state = .quoted }
    } else {
      isEscaped = dialect.escape != 0 && byte == dialect.escape
      state = .plain
    }
    return false
  }
}
