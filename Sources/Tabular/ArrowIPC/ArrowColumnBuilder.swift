/// Turns values of batches into some rows of a column.
struct ArrowColumnBuilder {
  private let column: ArrowColumn
  /// The row of the source that is the first one here, for messages.
  private let firstRow: Int
  private let rowCount: Int
  /// One of them, by the type of the column.
  private let buffer: SegmentBuffer?
  private let texts: TextColumnBuilder?

  init(_ column: ArrowColumn, rowCount: Int, firstRow: Int) {
    self.column = column
    self.firstRow = firstRow
    self.rowCount = rowCount
    let isText = column.valueType == .text
    buffer = isText ? nil : SegmentBuffer(column.valueType, rowCount: rowCount)
    texts = isText ? TextColumnBuilder(rowCount: rowCount) : nil
  }

  func finish() -> TypedColumn {
    if let buffer { return TypedColumn(buffer) }
    return texts?.finish() ?? TypedColumn(SegmentBuffer(.text, rowCount: rowCount))
  }

  /// Adds the next `count` values as the rows from `row` on. `levels` as `ArrowValues.readLevels` gives them; `scratch` has
  /// room for `ArrowValues.most` values of 32 bytes.
  func add(
    _ values: ArrowValues, count: Int, levels: UnsafePointer<UInt32>?, at row: Int, scratch: UnsafeMutableRawPointer
  ) throws {
    if let texts { return try addTexts(values, count, levels, row, texts) }
    guard let buffer else { return }
    try values.readFixed(count, into: scratch)
    let width = if case .fixed(let width) = column.layout { width } else { 4 }
    try fill(buffer, UnsafeRawPointer(scratch), width, count, levels, row)
  }

  /// Adds values of a dictionary: `codes` point into it, -1 for none.
  func add(_ dictionary: ArrowDictionary, codes: UnsafePointer<Int32>, count: Int, at row: Int) throws {
    if let buffer {
      let values = dictionary.values.segment
      for index in 0..<count where codes[index] >= 0 {
        let code = Int(codes[index])
        buffer.copy(values, code..<code + 1, at: row + index)
      }
    } else if let texts {
      let isKept = texts.takes(codesInto: dictionary.values)
      let values = dictionary.values.segment
      for index in 0..<count where codes[index] >= 0 {
        if isKept {
          texts.set(row + index, code: codes[index], of: dictionary.values)
        } else {
          try texts.set(row + index, text: UnsafeRawBufferPointer(values.text(Int(codes[index]))))
        }
      }
    }
  }

  private func fill(
    _ buffer: SegmentBuffer, _ from: UnsafeRawPointer, _ width: Int, _ count: Int, _ levels: UnsafePointer<UInt32>?,
    _ row: Int
  ) throws {
    func value<Value>(_ index: Int, _ type: Value.Type) -> Value {
      from.loadUnaligned(fromByteOffset: index * MemoryLayout<Value>.size, as: Value.self)
    }
    func each(_ body: (_ index: Int, _ row: Int) throws -> Void) rethrows {
      for index in 0..<count where levels == nil || levels?[index] != 0 { try body(index, row + index) }
    }
    switch (column.meaning, width) {
    case (.signed, 8) where levels == nil:
      (buffer.values + row * 8).copyMemory(from: from, byteCount: count * 8)
      buffer.markPresent(row..<row + count)
    case (.signed, 8): each { buffer.set($1, integer: value($0, Int64.self)) }
    case (.signed, 4): each { buffer.set($1, integer: Int64(value($0, Int32.self))) }
    case (.signed, 2): each { buffer.set($1, integer: Int64(value($0, Int16.self))) }
    case (.signed, _): each { buffer.set($1, integer: Int64(value($0, Int8.self))) }
    case (.unsigned, 8):
      try each { index, row in
        guard let whole = Int64(exactly: value(index, UInt64.self)) else {
          throw outOfRange("an integer beyond 64 bits with a sign", row)
        }
        buffer.set(row, integer: whole)
      }
    case (.unsigned, 4): each { buffer.set($1, integer: Int64(value($0, UInt32.self))) }
    case (.unsigned, 2): each { buffer.set($1, integer: Int64(value($0, UInt16.self))) }
    case (.unsigned, _): each { buffer.set($1, integer: Int64(value($0, UInt8.self))) }
    case (.number, 8): each { buffer.set($1, number: value($0, Double.self)) }
    case (.number, 4): each { buffer.set($1, number: Double(value($0, Float.self))) }
    case (.number, _): each { buffer.set($1, number: halfPrecision(value($0, UInt16.self))) }
    case (.boolean, _): each { buffer.set($1, boolean: value($0, UInt32.self) != 0) }
    case (.date, 4): each { buffer.set($1, int32: value($0, Int32.self)) }
    case (.date, _):
      try each { index, row in
        let (days, rest) = value(index, Int64.self).quotientAndRemainder(dividingBy: 86_400_000)
        guard rest == 0, let day = Int32(exactly: days) else {
          throw outOfRange("a date that is not a day of the calendar", row)
        }
        buffer.set(row, int32: day)
      }
    case (.timestamp(let perSecond), _):
      let scale = InstantScale(perSecond: perSecond)
      try each { index, row in
        guard let instant = scale.microseconds(value(index, Int64.self)) else {
          throw outOfRange("an instant beyond the years that microseconds reach", row)
        }
        buffer.set(row, integer: instant)
      }
    case (.text, _), (.unsignedText, _), (.decimal, _), (.nothing, _): return
    }
  }

  private func addTexts(
    _ values: ArrowValues, _ count: Int, _ levels: UnsafePointer<UInt32>?, _ row: Int, _ texts: TextColumnBuilder
  ) throws {
    try values.eachBytes(count, levels: levels) { index, bytes in
      switch column.meaning {
      case .decimal(let scale):
        try withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: 16) { bigEndian in
          for (place, byte) in bytes.enumerated() { bigEndian[bytes.count - 1 - place] = byte }
          try texts.set(row + index, text: DecimalText.text(bigEndian: UnsafeRawBufferPointer(bigEndian), scale: scale))
        }
      case .unsignedText: try texts.set(row + index, text: String(bytes.loadUnaligned(as: UInt64.self)))
      default:
        guard bytes.isUTF8 else { throw ColumnarProblem.notText(column: column.name, row: firstRow + row + index + 1) }
        try texts.set(row + index, text: bytes)
      }
    }
  }

  private func outOfRange(_ what: String, _ row: Int) -> ColumnarProblem {
    .outOfRange(what, column: column.name, row: firstRow + row + 1)
  }
}
