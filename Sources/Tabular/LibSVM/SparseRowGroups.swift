/// Collects parsed rows into row groups and writes those that are full.
///
/// A group has 65,536 rows, fewer where the first 1,024 rows of the file have so many entries that a group would hold more
/// than four millions (about 48 MiB): a function of the content alone.
struct SparseRowGroups: ~Copyable {
  private static let probedRows = 1024
  private static let mostEntries = 1 << 22

  private var writer: ArrowFileWriter?
  /// What is not written yet, and how many rows of the first are.
  private var queue: [LibSVMRows] = []
  private var writtenOfFirst = 0
  private var queuedRows = 0
  /// 0 until it is decided.
  private var groupRows = 0
  private var rowCount = 0

  private let observer: (any RowGroupObserver)?

  init(_ writer: consuming ArrowFileWriter, _ observer: (any RowGroupObserver)?) {
    self.writer = consume writer
    self.observer = observer
    observer?.begin([LibSVMColumn.label, LibSVMColumn.features])
  }

  mutating func append(_ pieces: [LibSVMRows]) throws {
    for rows in pieces where rows.rowCount > 0 {
      queue.append(rows)
      queuedRows += rows.rowCount
    }
    if groupRows == 0 {
      if queuedRows < SparseRowGroups.probedRows { return }
      decide()
    }
    while queuedRows >= groupRows { try writeGroup(groupRows) }
  }

  /// Writes the last group and closes the file; gives the number of rows.
  mutating func finish() throws -> Int {
    if groupRows == 0 { decide() }
    if queuedRows > 0 { try writeGroup(queuedRows) }
    if let writer = writer.take() { try writer.finish() }
    return rowCount
  }

  private mutating func decide() {
    var rows = 0
    var entries = 0
    for piece in queue where rows < SparseRowGroups.probedRows {
      let part = min(piece.rowCount, SparseRowGroups.probedRows - rows)
      entries += piece.entryCount(of: 0..<part)
      rows += part
    }
    groupRows = 65_536
    while groupRows > 64, groupRows * entries > SparseRowGroups.mostEntries * max(1, rows) { groupRows /= 2 }
  }

  private mutating func writeGroup(_ count: Int) throws {
    let label = SegmentBuffer(.number, rowCount: count)
    let features = SegmentBuffer(.sparse, rowCount: count)
    var filled = 0
    var used = 0
    var first = writtenOfFirst
    var parts: [(LibSVMRows, Range<Int>)] = []
    while filled < count {
      let rows = first..<min(queue[used].rowCount, first + count - filled)
      parts.append((queue[used], rows))
      filled += rows.count
      first = rows.upperBound
      if first == queue[used].rowCount { (used, first) = (used + 1, 0) }
    }
    features.reserve(entries: parts.reduce(0) { $0 + $1.0.entryCount(of: $1.1) })
    filled = 0
    for (piece, rows) in parts {
      piece.copy(rows, label: label, features: features, at: filled)
      filled += rows.count
    }
    try withExtendedLifetime((label, features)) {
      try writer?.writeGroup(rowCount: count, [label.segment, features.segment])
      try observer?.observe(LibSVMColumn.label, label.segment, [label], at: 0, firstRow: rowCount)
      try observer?.observe(LibSVMColumn.features, features.segment, [features], at: 1, firstRow: rowCount)
    }
    queue.removeFirst(used)
    writtenOfFirst = first
    queuedRows -= count
    rowCount += count
  }
}
