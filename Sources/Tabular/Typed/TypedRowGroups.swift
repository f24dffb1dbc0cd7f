import Basics

/// Puts batches of any size together to the row groups of a table and writes them.
struct TypedRowGroups: ~Copyable {
  private let conversions: [ColumnConversion]
  private let fields: [Field]
  private let groupRows: Int
  private var writer: ArrowFileWriter?
  /// The group at hand, and the rows of it that are filled.
  private var buffers: [SegmentBuffer] = []
  private var filled = 0
  private var misfits: [ColumnConversion.Misfits]
  private var rowCount = 0
  /// Records that were left out of the source before; nil where none may be.
  var badRowCount: Int?
  private var missingCounts: [Int]
  private var observer: (any RowGroupObserver)?
  /// Columns that are looked at side by side.
  private var threads = 1

  /// `path` must not exist yet.
  init(_ conversions: [ColumnConversion], fields: [Field], creating path: String) throws {
    self.conversions = conversions
    self.fields = fields
    groupRows = ArrowFormat.rowsPerGroup(columns: fields.count)
    misfits = Array(repeating: .init(), count: fields.count)
    missingCounts = Array(repeating: 0, count: fields.count)
    writer = try .creating(path, fields: fields, dictionaries: conversions.map(\.dictionary))
  }

  /// Lets `observer` look at every group on so many threads.
  mutating func observe(by observer: (any RowGroupObserver)?, threads: Int) {
    self.observer = observer
    self.threads = threads
    observer?.begin(fields)
  }

  mutating func append(_ batch: TypedBatch) throws {
    var row = 0
    while row < batch.rowCount {
      if filled == 0, row == 0, batch.rowCount == groupRows {
        try writeWhole(batch)
        return
      }
      if filled == 0 { buffers = fields.map { SegmentBuffer($0.type, rowCount: groupRows) } }
      let part = row..<min(batch.rowCount, row + groupRows - filled)
      for index in fields.indices { convert(batch, index, part, into: buffers[index], at: filled) }
      row = part.upperBound
      filled += part.count
      if filled == groupRows { try writeGroup() }
    }
  }

  /// A batch that is a group: what needs no conversion is written from where it lies.
  private mutating func writeWhole(_ batch: TypedBatch) throws {
    buffers = fields.indices.map { index in
      let column = batch.columns[index]
      if conversions[index].isIdentity(column) { return column.buffer }
      let buffer = SegmentBuffer(fields[index].type, rowCount: groupRows)
      convert(batch, index, 0..<batch.rowCount, into: buffer, at: 0)
      return buffer
    }
    filled = groupRows
    try writeGroup()
  }

  private mutating func convert(
    _ batch: TypedBatch, _ index: Int, _ rows: Range<Int>, into buffer: SegmentBuffer, at first: Int
  ) {
    let found = conversions[index].convert(batch.columns[index], rows, into: buffer, at: first)
    if misfits[index].count == 0 { misfits[index].firstRow = rowCount + first + found.firstRow }
    misfits[index].found = misfits[index].found ?? found.found
    misfits[index].count += found.count
  }

  /// Writes the rows at hand. What will not be kept is not written.
  private mutating func writeGroup() throws {
    let segments = buffers.map { $0.segment(rows: filled) }
    for (index, segment) in segments.enumerated() { missingCounts[index] += segment.missingCount }
    if misfits.allSatisfy({ $0.count == 0 }) {
      try withExtendedLifetime(buffers) { try writer?.writeGroup(rowCount: filled, segments) }
      if let observer {
        let (fields, buffers, firstRow) = (fields, buffers, rowCount)
        try parallelFor(count: fields.count, threads: threads) { index in
          try observer.observe(fields[index], segments[index], [buffers[index]], at: index, firstRow: firstRow)
        }
      }
    }
    rowCount += filled
    filled = 0
  }

  /// Writes the last group and closes the file; gives the number of rows, and of missing cells by column. Throws
  /// `TypedSourceError` for cells that did not fit, and where there are no rows.
  mutating func finish(_ source: String) throws -> (rowCount: Int, missingCounts: [Int]) {
    if filled > 0 { try writeGroup() }
    let problems = zip(fields, misfits).compactMap { field, misfits -> TypedProblem? in
      guard let found = misfits.found else { return nil }
      let firstRow = misfits.firstRow + 1
      if found == .infinite { return .infinite(column: field.name, count: misfits.count, firstRow: firstRow) }
      return .mistyped(
        column: field.name, expected: field.type, found: found, count: misfits.count, firstRow: firstRow)
    }
    if !problems.isEmpty { throw TypedSourceError(source, problems) }
    if rowCount == 0 { throw TypedSourceError(source, [.noRows]) }
    if var writer = writer.take() {
      writer.badRows = badRowCount
      try writer.finish()
    }
    for (index, field) in fields.enumerated() where field.type == .category {
      observer?.settle(conversions[index].dictionary, at: index)
    }
    return (rowCount, missingCounts)
  }
}
