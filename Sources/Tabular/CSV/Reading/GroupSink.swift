import Basics

/// What takes the row groups of a table that is being read, in order. Calls do not overlap, whatever thread they come from.
protocol GroupSink: AnyObject, Sendable {
  /// Takes a group: a segment for each column that is read, all of `rowCount` rows. The memory belongs to `owners`; it is
  /// used again after the call unless `keepsMemory`.
  func write(rowCount: Int, _ segments: [ColumnSegment], owners: [any AnyObject & Sendable]) throws
  /// Says what the codes of a category mean: code c of the groups is level `positions[c]`.
  func setDictionary(_ levels: [String], positions: [Int32], of column: Int) throws

  static var keepsMemory: Bool { get }
}

/// Writes an Arrow file.
final class ArrowSink: GroupSink, @unchecked Sendable {
  private var writer: ArrowFileWriter?
  /// A file that has the columns that are not read; the positions of those that are.
  private let base: (table: Table, read: [Int])?
  private var group = 0

  static let keepsMemory = false

  /// `path` must not exist yet.
  init(creating path: String, fields: [Field], base: (table: Table, read: [Int])? = nil) throws {
    let dictionaries = fields.indices.map { base?.table.column($0).dictionary ?? [] }
    writer = try .creating(path, fields: fields, dictionaries: dictionaries)
    self.base = base
  }

  func write(rowCount: Int, _ segments: [ColumnSegment], owners: [any AnyObject & Sendable]) throws {
    guard let base else {
      try writer?.writeGroup(rowCount: rowCount, segments)
      return
    }
    var all = base.table.schema.fields.indices.map { base.table.column($0).segments[group] }
    for (segment, index) in zip(segments, base.read) { all[index] = segment }
    try withExtendedLifetime(base.table) { try writer?.writeGroup(rowCount: rowCount, all) }
    group += 1
  }

  func setDictionary(_ levels: [String], positions: [Int32], of column: Int) throws {
    try writer?.setDictionary(levels, positions: positions, of: base?.read[column] ?? column)
  }

  /// Closes the file; the digest of its bytes, where it was taken on the way. `badRows` were left out, nil where none may be.
  func finish(badRows: Int?) throws -> Digest? {
    self.writer?.badRows = badRows
    guard let writer = writer.take() else { return nil }
    return try writer.finish()
  }
}

/// Keeps the groups in memory.
final class MemorySink: GroupSink, @unchecked Sendable {
  private var segments: [[ColumnSegment]] = []
  private var owners: [any AnyObject & Sendable] = []
  private var dictionaries: [Int: ([String], [Int32])] = [:]
  private var rowCount = 0

  static let keepsMemory = true

  func write(rowCount: Int, _ segments: [ColumnSegment], owners: [any AnyObject & Sendable]) {
    self.segments.append(segments)
    self.owners += owners
    self.rowCount += rowCount
  }

  func setDictionary(_ levels: [String], positions: [Int32], of column: Int) {
    dictionaries[column] = (levels, positions)
    if positions.enumerated().allSatisfy({ $0.offset == Int($0.element) }) { return }
    for group in segments {
      let codes = UnsafeMutableRawPointer(mutating: group[column].values).assumingMemoryBound(to: Int32.self)
      let segment = group[column]
      positions.withUnsafeBufferPointer { positions in
        for row in 0..<segment.rowCount where !segment.isMissing(row) { codes[row] = positions[Int(codes[row])] }
      }
    }
  }

  func table(_ fields: [Field], groupRows: Int) -> Table {
    let columns = fields.indices.map { index in
      Column(
        field: fields[index], dictionary: dictionaries[index]?.0 ?? [], segments: segments.map { $0[index] },
        segmentRows: groupRows, owners: owners)
    }
    return Table(columns: columns, rowCount: rowCount)
  }
}
