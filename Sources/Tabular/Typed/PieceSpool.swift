import Basics
import Glibc

/// Keeps the columns of pieces until all of a file is seen: in memory as long as they are small, then in an unnamed file.
final class PieceSpool: @unchecked Sendable {
  /// A column of a piece, where it is kept.
  enum Kept: Sendable {
    case memory(TypedColumn)
    /// Of the file: the values, and the levels of a `category` of texts.
    case file(Extent, levels: Extent?)
  }

  /// A buffer in the file: validity where some are missing, values, bytes, one behind the other.
  struct Extent: Sendable {
    var type: ColumnType
    var rowCount: Int
    var presentCount: Int
    var byteCount: Int
    var offset: Int
  }

  private let folder: String
  private let memoryLimit: Int
  private var memory = 0
  private var descriptor: Int32 = -1
  private var end = 0

  /// The file, should there be one, is in `folder`.
  init(folder: String, memoryLimit: Int = 48 << 20) {
    self.folder = folder
    self.memoryLimit = memoryLimit
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Keeps the first `rows` rows. One thread at a time.
  func keep(_ column: TypedColumn, rows: Int) throws -> Kept {
    let size = column.buffer.storedSize(rows)
    if memory + size <= memoryLimit {
      memory += size
      return .memory(column)
    }
    let levels = try column.levels.map { try write($0, rows: $0.rowCount) }
    return .file(try write(column.buffer, rows: rows), levels: levels)
  }

  /// What was kept. Any number of threads at once.
  func load(_ kept: Kept) throws -> TypedColumn {
    switch kept {
    case .memory(let column): column
    case .file(let extent, let levels): TypedColumn(try read(extent), levels: try levels.map(read))
    }
  }

  private func write(_ buffer: SegmentBuffer, rows: Int) throws -> Extent {
    if descriptor < 0 { descriptor = try openUnnamed() }
    let segment = buffer.segment(rows: rows)
    let extent = Extent(
      type: buffer.type, rowCount: rows, presentCount: rows - segment.missingCount, byteCount: segment.byteCount,
      offset: end)
    try withExtendedLifetime(buffer) {
      if let validity = segment.validity { try append(UnsafeRawBufferPointer(start: validity, count: (rows + 7) / 8)) }
      try append(UnsafeRawBufferPointer(start: segment.values, count: buffer.type.valueSize(rows: rows)))
      try append(UnsafeRawBufferPointer(start: segment.bytes, count: segment.byteCount))
    }
    return extent
  }

  private func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = pwrite(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, end)
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError("write", folder)
      }
      end += count
      rest = rest.dropFirst(count)
    }
  }

  private func openUnnamed() throws -> Int32 {
    let path = "\(folder)/.spool-\(uniqueSuffix())"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if descriptor < 0 { throw FileError("create", path) }
    unlink(path)
    return descriptor
  }

  private func read(_ extent: Extent) throws -> SegmentBuffer {
    let buffer = SegmentBuffer(extent.type, rowCount: extent.rowCount)
    var offset = extent.offset
    func fill(_ target: UnsafeMutableRawPointer, _ count: Int) throws {
      var done = 0
      while done < count {
        let read = pread(descriptor, target + done, count - done, offset + done)
        if read < 0, errno == EINTR { continue }
        if read <= 0 { throw FileError("read", folder) }
        done += read
      }
      offset += count
    }
    if extent.presentCount < extent.rowCount { try fill(buffer.validity, (extent.rowCount + 7) / 8) }
    try fill(buffer.values, extent.type.valueSize(rows: extent.rowCount))
    try buffer.adopt(presentCount: extent.presentCount, byteCount: extent.byteCount) { try fill($0, extent.byteCount) }
    return buffer
  }
}

extension SegmentBuffer {
  fileprivate func storedSize(_ rows: Int) -> Int { rows / 8 + type.valueSize(rows: rows) + byteCount }
}
