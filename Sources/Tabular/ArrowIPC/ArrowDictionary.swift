/// The values that the codes of a column point to.
final class ArrowDictionary: @unchecked Sendable {
  /// One a row; of strings, those that are missing are left out.
  let values: SegmentBuffer
  /// Of each code, the row of `values`; -1 where the value is missing.
  private let places: [Int32]

  /// Reads a dictionary batch; the values of `known` come first. Throws `ColumnarProblem` and `FileError`.
  init(
    _ file: SourceFile, _ column: ArrowColumn, _ batch: ArrowMessages.Batch, after known: ArrowDictionary?
  ) throws {
    var places = known?.places ?? []
    var parts = known.map { [$0.values] } ?? []
    var valueCount = known?.values.rowCount ?? 0
    var size = parts.reduce(0) { $0 + $1.byteCount }
    let values = try ArrowValues(file, column.values, batch.columns[0], batch.compression)
    let reader = ArrowPartReader()
    for start in stride(from: 0, to: batch.rowCount, by: ArrowValues.most) {
      let count = min(ArrowValues.most, batch.rowCount - start)
      let builder = ArrowColumnBuilder(column.values, rowCount: count, firstRow: start)
      try reader.read(values, nil, count: count, into: builder, at: 0)
      let part = builder.finish().buffer
      let segment = part.segment
      parts.append(part)
      for row in 0..<count {
        places.append(segment.isMissing(row) ? -1 : Int32(valueCount))
        if !segment.isMissing(row) { valueCount += 1 }
      }
      size += part.byteCount
      guard size + places.count * 12 <= Self.largest else {
        throw ColumnarProblem.tooLarge("its dictionary takes more than 1 GiB", column: nil)
      }
    }
    self.places = places
    self.values = Self.together(parts, column.valueType, count: valueCount)
  }

  private static let largest = 1 << 30

  /// The values of some buffers one after the other, without those that are missing.
  private static func together(_ parts: [SegmentBuffer], _ type: ColumnType, count: Int) -> SegmentBuffer {
    let values = SegmentBuffer(type, rowCount: count)
    var next = 0
    for part in parts {
      let segment = part.segment
      for row in 0..<segment.rowCount where !segment.isMissing(row) {
        values.copy(segment, row..<row + 1, at: next)
        next += 1
      }
    }
    return values
  }

  /// The rows of `values` that codes mean; -1 where a code or its value is missing. Throws where one points beyond.
  func places(
    of codes: UnsafeRawPointer, _ encoding: ArrowColumn.Encoding, count: Int, levels: UnsafePointer<UInt32>?,
    into out: UnsafeMutablePointer<Int32>
  ) throws(ColumnarProblem) {
    for index in 0..<count {
      if let levels, levels[index] == 0 {
        out[index] = -1
        continue
      }
      let code = encoding.code(codes, index)
      guard code >= 0, code < places.count else { throw .damaged("a code points beyond its dictionary") }
      out[index] = places[code]
    }
  }
}

extension ArrowColumn.Encoding {
  /// -1 for one beyond 64 bits with a sign.
  fileprivate func code(_ codes: UnsafeRawPointer, _ index: Int) -> Int {
    func value<Value: FixedWidthInteger>(_ type: Value.Type) -> Int {
      Int(exactly: codes.loadUnaligned(fromByteOffset: index * width, as: Value.self)) ?? -1
    }
    switch (width, isSigned) {
    case (1, true): return value(Int8.self)
    case (1, false): return value(UInt8.self)
    case (2, true): return value(Int16.self)
    case (2, false): return value(UInt16.self)
    case (4, true): return value(Int32.self)
    case (4, false): return value(UInt32.self)
    case (_, true): return value(Int64.self)
    case (_, false): return value(UInt64.self)
    }
  }
}

/// Memory for a few rows at a time.
final class ArrowPartReader {
  private let levels = UnsafeMutablePointer<UInt32>.allocate(capacity: ArrowValues.most)
  private let codes = UnsafeMutablePointer<Int32>.allocate(capacity: ArrowValues.most)
  private let scratch = UnsafeMutableRawPointer.allocate(byteCount: ArrowValues.most * 8, alignment: 64)

  deinit {
    levels.deallocate()
    codes.deallocate()
    scratch.deallocate()
  }

  /// Adds the next rows of a batch.
  func read(
    _ values: ArrowValues, _ dictionary: ArrowDictionary?, count: Int, into builder: ArrowColumnBuilder, at row: Int
  ) throws {
    let mask = try values.readLevels(count, into: levels)
    guard let encoding = values.column.encoding else {
      return try builder.add(values, count: count, levels: mask, at: row, scratch: scratch)
    }
    guard let dictionary else { throw ColumnarProblem.damaged("its dictionary is missing") }
    try values.readFixed(count, into: scratch)
    try dictionary.places(of: scratch, encoding, count: count, levels: mask, into: codes)
    try builder.add(dictionary, codes: codes, count: count, at: row)
  }
}
