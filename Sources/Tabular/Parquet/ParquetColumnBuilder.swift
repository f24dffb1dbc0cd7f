/// Turns the values of pages into some rows of a column.
struct ParquetColumnBuilder {
  private let column: ParquetColumn
  /// The row of the file that is the first one here, for messages.
  private let firstRow: Int
  private let rowCount: Int
  /// One of them, by the type of the column.
  private let buffer: SegmentBuffer?
  private let texts: TextColumnBuilder?

  init(_ column: ParquetColumn, rowCount: Int, firstRow: Int) {
    self.column = column
    self.firstRow = firstRow
    self.rowCount = rowCount
    let type = column.field.type
    buffer = type == .text ? nil : SegmentBuffer(type, rowCount: rowCount)
    texts = type == .text ? TextColumnBuilder(rowCount: rowCount) : nil
  }

  func finish() -> TypedColumn {
    if let buffer { return TypedColumn(buffer) }
    return texts?.finish() ?? TypedColumn(SegmentBuffer(.text, rowCount: rowCount))
  }

  /// Adds the next `present` values to those of the rows from `row` on whose level is 1, or to all of them. `scratch` as for
  /// `PageValues.readFixed`.
  func add(
    _ values: inout PageValues, count: Int, present: Int, levels: UnsafePointer<UInt32>?, at row: Int,
    scratch: UnsafeMutableRawPointer
  ) throws(ColumnarProblem) {
    var rows = PresentRows(levels: levels, next: row, end: row + count)
    if column.width == 0 { return try addBytes(&values, present, &rows) }
    let from = try values.readFixed(present, scratch: scratch)
    if let buffer { return try fill(buffer, from, present, &rows, isWhole: levels == nil) }
    for index in 0..<present {
      let place = rows.take()
      try addText(UnsafeRawBufferPointer(start: from + index * column.width, count: column.width), place)
    }
  }

  /// Numbers of all kinds.
  private func fill(
    _ buffer: SegmentBuffer, _ from: UnsafeRawPointer, _ count: Int, _ rows: inout PresentRows, isWhole: Bool
  ) throws(ColumnarProblem) {
    func value<Value>(_ index: Int, _ type: Value.Type) -> Value {
      from.loadUnaligned(fromByteOffset: index * MemoryLayout<Value>.size, as: Value.self)
    }
    let isWide = column.width == 8
    switch column.meaning {
    case .signed where isWide && isWhole:
      let first = rows.next
      (buffer.values + first * 8).copyMemory(from: from, byteCount: count * 8)
      buffer.markPresent(first..<first + count)
    case .signed:
      for index in 0..<count {
        buffer.set(rows.take(), integer: isWide ? value(index, Int64.self) : Int64(value(index, Int32.self)))
      }
    case .unsigned where !isWide:
      for index in 0..<count { buffer.set(rows.take(), integer: Int64(value(index, UInt32.self))) }
    case .unsigned:
      for index in 0..<count {
        let row = rows.take()
        guard let whole = Int64(exactly: value(index, UInt64.self)) else {
          throw outOfRange("an integer beyond 64 bits with a sign", row)
        }
        buffer.set(row, integer: whole)
      }
    case .number where isWide:
      for index in 0..<count { buffer.set(rows.take(), number: value(index, Double.self)) }
    case .number:
      for index in 0..<count { buffer.set(rows.take(), number: Double(value(index, Float.self))) }
    case .half:
      for index in 0..<count { buffer.set(rows.take(), number: halfPrecision(value(index, UInt16.self))) }
    case .boolean:
      for index in 0..<count { buffer.set(rows.take(), boolean: value(index, UInt8.self) != 0) }
    case .date:
      for index in 0..<count { buffer.set(rows.take(), int32: value(index, Int32.self)) }
    case .timestamp(let perSecond):
      let scale = InstantScale(perSecond: perSecond)
      for index in 0..<count {
        let row = rows.take()
        guard let instant = scale.microseconds(value(index, Int64.self)) else {
          throw outOfRange("an instant beyond the years that microseconds reach", row)
        }
        buffer.set(row, integer: instant)
      }
    case .julianTimestamp:
      for index in 0..<count {
        let nanoseconds = from.loadUnaligned(fromByteOffset: index * 12, as: Int64.self)
        let day = Int64(from.loadUnaligned(fromByteOffset: index * 12 + 8, as: Int32.self))
        let row = rows.take()
        guard let instant = InstantScale.microseconds(julianDay: day, nanoseconds: nanoseconds) else {
          throw outOfRange("an instant beyond the years that microseconds reach", row)
        }
        buffer.set(row, integer: instant)
      }
    case .text, .unsignedText, .uuid, .decimal, .nothing: return
    }
  }

  /// Byte arrays.
  private func addBytes(_ values: inout PageValues, _ count: Int, _ rows: inout PresentRows) throws(ColumnarProblem) {
    if column.meaning == .text, let texts, let dictionary = values.dictionary,
      TextColumnBuilder.keeps(levels: dictionary.count, rowCount: rowCount),
      let levels = dictionary.makeLevels(), texts.takes(codesInto: levels)
    {
      return try addCodes(&values, count, &rows, levels, texts)
    }
    var places = rows
    try values.readBytes(count) { span throws(ColumnarProblem) in try addText(span.bytes, places.take()) }
    rows = places
  }

  private func addCodes(
    _ values: inout PageValues, _ count: Int, _ rows: inout PresentRows, _ levels: SegmentBuffer,
    _ texts: TextColumnBuilder
  ) throws(ColumnarProblem) {
    var places = rows
    try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: max(1, count)) { buffer in
      Result { () throws(ColumnarProblem) in
        guard let indices = buffer.baseAddress else { return }
        try values.readIndices(count, into: indices)
        for index in 0..<count { texts.set(places.take(), code: Int32(bitPattern: indices[index]), of: levels) }
      }
    }.get()
    rows = places
  }

  private func addText(_ bytes: UnsafeRawBufferPointer, _ row: Int) throws(ColumnarProblem) {
    switch column.meaning {
    case .decimal(let scale):
      guard bytes.count <= DecimalText.mostBytes else {
        throw .tooLarge("a decimal number takes \(bytes.count) bytes", column: column.name)
      }
      let text =
        switch column.type {
        case .int32: DecimalText.text(Int128(bytes.loadUnaligned(as: Int32.self)), scale: scale)
        case .int64: DecimalText.text(Int128(bytes.loadUnaligned(as: Int64.self)), scale: scale)
        default: DecimalText.text(bigEndian: bytes, scale: scale)
        }
      try texts?.set(row, text: text)
    case .uuid: try texts?.set(row, text: uuidText(bytes))
    case .unsignedText: try texts?.set(row, text: String(bytes.loadUnaligned(as: UInt64.self)))
    case .nothing: return
    default:
      guard bytes.isUTF8 else { throw .notText(column: column.name, row: firstRow + row + 1) }
      try texts?.set(row, text: bytes)
    }
  }

  private func outOfRange(_ what: String, _ row: Int) -> ColumnarProblem {
    .outOfRange(what, column: column.name, row: firstRow + row + 1)
  }
}

/// As RFC 9562 writes it.
private func uuidText(_ bytes: UnsafeRawBufferPointer) -> String {
  var text = ""
  for (index, byte) in bytes.enumerated() {
    if index == 4 || index == 6 || index == 8 || index == 10 { text += "-" }
    text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
  return text
}
