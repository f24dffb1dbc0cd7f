import Basics

/// One column of a table: typed values with missing ones among them. Immutable; reads from any thread.
package struct Column: Sendable {
  package let name: String
  package let type: ColumnType
  package let rowCount: Int
  package let missingCount: Int
  /// The levels of a category, sorted by their UTF-8 bytes; empty for other types.
  package let dictionary: [String]

  let segments: [ColumnSegment]
  /// Rows in every segment but the last.
  let segmentRows: Int
  /// Keeps the memory of the segments alive.
  let owners: [any AnyObject & Sendable]

  /// `segments` all have `segmentRows` rows, but the last may have fewer; `owners` keep their memory.
  init(
    field: Field, dictionary: [String], segments: [ColumnSegment], segmentRows: Int,
    owners: [any AnyObject & Sendable]
  ) {
    name = field.name
    type = field.type
    rowCount = segments.reduce(0) { $0 + $1.rowCount }
    missingCount = segments.reduce(0) { $0 + $1.missingCount }
    self.dictionary = dictionary
    self.segments = segments
    self.segmentRows = max(1, segmentRows)
    self.owners = owners
  }

  /// Rows of each row group but the last.
  package var groupRows: Int { segmentRows }

  package var field: Field { Field(name: name, type: type) }

  /// Reads integers, numbers, booleans (0 or 1), dates (days since 1970-01-01) and timestamps (seconds since
  /// 1970-01-01T00:00:00Z) as doubles; NaN where missing. Integers beyond 2⁵³ are rounded. `out.count == rows.count`. The type must be numeric (`ColumnType.isNumeric`).
  package func readNumbers(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    precondition(out.count == rows.count && rows.upperBound <= rowCount)
    eachSegment(of: rows) { segment, part, at in
      precondition(type.isNumeric, "a column of type \(type) holds no numbers")
      guard let start = out.baseAddress else { return }
      segment.readNumbers(part, of: type, into: start + at)
    }
  }

  /// Where the numbers of `rows` lie, NaN where missing, when they lie there as such in one piece; else nil. Valid as long as
  /// the column is held.
  package func numbersInPlace(_ rows: Range<Int>) -> UnsafePointer<Double>? {
    precondition(rows.upperBound <= rowCount)
    guard type == .number, !rows.isEmpty else { return nil }
    let segment = segments[rows.lowerBound / segmentRows]
    let first = rows.lowerBound % segmentRows
    guard first + rows.count <= segment.rowCount, segment.missingCount == 0 else { return nil }
    return UnsafePointer(segment.values.assumingMemoryBound(to: Double.self)) + first
  }

  /// Reads integers, or the microseconds of timestamps, exactly; 0 where missing. `out.count == rows.count`. The type must
  /// be `integer` or `timestamp`.
  package func readIntegers(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Int64>) {
    precondition((type == .integer || type == .timestamp) && out.count == rows.count && rows.upperBound <= rowCount)
    eachSegment(of: rows) { segment, part, at in
      for row in part { out[at + row - part.lowerBound] = segment.integer(row) }
    }
  }

  /// Reads category codes into `dictionary`; -1 where missing. `out.count == rows.count`. The type must be `category`.
  package func readCodes(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Int32>) {
    precondition(type == .category && out.count == rows.count && rows.upperBound <= rowCount)
    eachSegment(of: rows) { segment, part, at in
      guard let start = out.baseAddress else { return }
      segment.readCodes(part, levels: Int32(clamping: dictionary.count), into: start + at)
    }
  }

  /// The codes of a category as they are stored, whatever they mean, with -1 where missing. `out.count == rows.count`.
  package func readStoredCodes(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Int32>) {
    precondition(type == .category && out.count == rows.count && rows.upperBound <= rowCount)
    eachSegment(of: rows) { segment, part, at in
      guard let start = out.baseAddress else { return }
      segment.readCodes(part, levels: .max, into: start + at)
    }
  }

  /// The level of a row, -1 where it is missing, or where the code of a damaged file is none.
  private func code(_ row: Int, _ segment: ColumnSegment) -> Int32 {
    let code = segment.int32(row)
    return segment.isMissing(row) || code < 0 || code >= Int32(clamping: dictionary.count) ? -1 : code
  }

  package func isMissing(_ row: Int) -> Bool {
    withExtendedLifetime(owners) { segments[row / segmentRows].isMissing(row % segmentRows) }
  }

  /// A cell as canonical text, nil where missing: numbers with the fewest digits that read back the same, dates as
  /// `YYYY-MM-DD`, timestamps as `timestampText` writes them, booleans as `true` and `false`, sparse rows as `index:number`
  /// with a space between.
  package func text(_ row: Int) -> String? {
    withExtendedLifetime(owners) {
      let segment = segments[row / segmentRows]
      let row = row % segmentRows
      if segment.isMissing(row) { return nil }
      switch type {
      case .integer: return String(segment.integer(row))
      case .number: return ecmaScriptText(segment.number(row))
      case .boolean: return segment.boolean(row) ? "true" : "false"
      case .date: return CalendarDate(daysSinceEpoch: Int(segment.int32(row))).text
      case .timestamp: return timestampText(microseconds: segment.integer(row))
      case .category:
        let code = Int(code(row, segment))
        return code < 0 ? nil : dictionary[code]
      case .text: return String(decoding: segment.text(row), as: UTF8.self)
      case .sparse:
        let (indices, numbers) = segment.entries(row)
        return zip(indices, numbers).map { "\($0):\(ecmaScriptText($1))" }.joined(separator: " ")
      }
    }
  }

  /// Calls `body` with the entries of each sparse row in turn, as they lie in memory: indices ascending, none negative
  /// unless the file is damaged. A missing row has none. The type must be `sparse`.
  package func eachSparseRow(
    _ rows: Range<Int>,
    _ body: (_ row: Int, _ indices: UnsafeBufferPointer<Int32>, _ numbers: UnsafeBufferPointer<Double>) -> Void
  ) {
    precondition(type == .sparse && rows.upperBound <= rowCount)
    eachSegment(of: rows) { segment, part, at in
      for row in part {
        let (indices, numbers) = segment.entries(row)
        body(rows.lowerBound + at + row - part.lowerBound, indices, numbers)
      }
    }
  }

  /// Entries of all sparse rows; 0 for other types.
  package var entryCount: Int { segments.reduce(0) { $0 + $1.entryCount } }

  /// Calls `body` with each segment that holds some of `rows`, those rows within it, and their position within `rows`.
  private func eachSegment(of rows: Range<Int>, _ body: (ColumnSegment, Range<Int>, _ at: Int) -> Void) {
    withExtendedLifetime(owners) {
      var row = rows.lowerBound
      while row < rows.upperBound {
        let index = row / segmentRows
        let first = index * segmentRows
        let end = min(rows.upperBound, first + segments[index].rowCount)
        body(segments[index], (row - first)..<(end - first), row - rows.lowerBound)
        row = end
      }
    }
  }

  /// The same rows in memory of their own.
  func copied(_ rows: Range<Int>) -> SegmentBuffer {
    let buffer = SegmentBuffer(type, rowCount: rows.count)
    eachSegment(of: rows) { segment, part, at in
      for row in part where !segment.isMissing(row) {
        let target = at + row - part.lowerBound
        switch type {
        case .integer, .timestamp: buffer.set(target, integer: segment.integer(row))
        case .number: buffer.set(target, number: segment.number(row))
        case .boolean: buffer.set(target, boolean: segment.boolean(row))
        case .date, .category: buffer.set(target, int32: segment.int32(row))
        case .text: buffer.set(target, text: segment.text(row))
        case .sparse:
          let (indices, numbers) = segment.entries(row)
          buffer.set(target, indices: indices, numbers: numbers)
        }
      }
    }
    return buffer
  }
}
