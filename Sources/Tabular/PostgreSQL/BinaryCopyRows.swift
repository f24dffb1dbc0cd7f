/// Reads the rows of a `COPY … (FORMAT binary)` into columns, some thousand at a time.
///
/// Format: postgresql.org, "COPY", section "Binary Format". All numbers are big-endian.
struct BinaryCopyRows {
  private static let pieceRows = 8192
  /// 1970-01-01 to 2000-01-01, where times of PostgreSQL begin.
  private static let epochDays: Int32 = 10_957
  private static let epochMicroseconds: Int64 = 946_684_800_000_000

  private let columns: [PostgreSQLColumn]
  private var cells: [WideningColumn] = []
  private var row = 0
  private var rowCount = 0
  private var hasHeader = false
  /// Infinite times by column.
  private var infinite: [(count: Int, firstRow: Int)]

  /// The bytes are none of this format.
  struct Malformed: Error {}

  init(_ columns: [PostgreSQLColumn]) {
    self.columns = columns
    infinite = Array(repeating: (0, 0), count: columns.count)
    begin()
  }

  private mutating func begin() {
    cells = columns.map { _ in WideningColumn(capacity: Self.pieceRows) }
    row = 0
  }

  /// Takes a message; gives the rows so far where they are enough for a piece.
  mutating func take(_ message: UnsafeRawBufferPointer) throws(Malformed) -> RowPiece? {
    var reader = Reader(message)
    if !hasHeader {
      // The signature, the flags, and what may follow them.
      _ = try reader.bytes(11 + 4)
      _ = try reader.bytes(Int(try reader.int32()))
      hasHeader = true
    }
    while !reader.isAtEnd {
      let count = Int(try reader.int16())
      if count == -1 { break }
      guard count == columns.count else { throw Malformed() }
      for index in columns.indices { try store(&reader, index) }
      row += 1
      rowCount += 1
    }
    return row >= Self.pieceRows ? finish() : nil
  }

  /// The rows that are left; nil where there are none.
  mutating func finish() -> RowPiece? {
    if row == 0 { return nil }
    defer { begin() }
    return RowPiece(
      rowCount: row,
      columns: zip(columns, cells).map { column, cells in
        var found = cells.cells(named: column.name)
        found.type = column.type
        return found
      })
  }

  /// The first column with times that are infinite, which no calendar has.
  var firstInfinite: (column: String, count: Int, firstRow: Int)? {
    zip(columns, infinite).first { $1.count > 0 }.map { ($0.name, $1.count, $1.firstRow) }
  }

  private mutating func store(_ reader: inout Reader, _ index: Int) throws(Malformed) {
    let length = Int(try reader.int32())
    if length == -1 { return }
    guard length >= 0 else { throw Malformed() }
    let cell = cells[index]
    switch columns[index].coding {
    case .text:
      cell.set(row, text: try reader.bytes(length).assumingMemoryBound(to: UInt8.self))
      return
    case .boolean: cell.set(row, boolean: try reader.bytes(1)[0] != 0)
    case .int16: cell.set(row, integer: Int64(try reader.int16()))
    case .int32: cell.set(row, integer: Int64(try reader.int32()))
    case .int64: cell.set(row, integer: try reader.int64())
    case .float32: cell.set(row, number: Double(Float(bitPattern: UInt32(bitPattern: try reader.int32()))))
    case .float64: cell.set(row, number: Double(bitPattern: UInt64(bitPattern: try reader.int64())))
    case .date:
      let days = try reader.int32()
      let (shifted, isBeyond) = days.addingReportingOverflow(Self.epochDays)
      if isBeyond || days == .min { noteInfinite(index) } else { cell.set(row, date: shifted) }
    case .timestamp:
      let micros = try reader.int64()
      let (shifted, isBeyond) = micros.addingReportingOverflow(Self.epochMicroseconds)
      if isBeyond || micros == .min { noteInfinite(index) } else { cell.set(row, timestamp: shifted) }
    }
    guard length == columns[index].coding.size else { throw Malformed() }
  }

  private mutating func noteInfinite(_ index: Int) {
    if infinite[index].count == 0 { infinite[index].firstRow = rowCount + 1 }
    infinite[index].count += 1
  }

  /// Steps through the bytes of a message.
  private struct Reader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func bytes(_ count: Int) throws(Malformed) -> UnsafeRawBufferPointer {
      guard count >= 0, count <= rest.count else { throw Malformed() }
      defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
      return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    mutating func int16() throws(Malformed) -> Int16 { Int16(bigEndian: try bytes(2).loadUnaligned(as: Int16.self)) }
    mutating func int32() throws(Malformed) -> Int32 { Int32(bigEndian: try bytes(4).loadUnaligned(as: Int32.self)) }
    mutating func int64() throws(Malformed) -> Int64 { Int64(bigEndian: try bytes(8).loadUnaligned(as: Int64.self)) }
  }
}

extension PostgreSQLColumn.Coding {
  /// Bytes of a cell; nothing to hold of texts.
  fileprivate var size: Int {
    switch self {
    case .boolean: 1
    case .int16: 2
    case .int32, .float32, .date: 4
    case .int64, .float64, .timestamp: 8
    case .text: 0
    }
  }
}
