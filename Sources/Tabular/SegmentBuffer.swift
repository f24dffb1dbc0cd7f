/// Memory for a column segment that is being filled, row by row in order; rows that are passed over are missing.
///
/// Filled by one thread, then only read, through `segment`.
package final class SegmentBuffer: @unchecked Sendable {
  let type: ColumnType
  let rowCount: Int
  var presentCount = 0
  let validity: UnsafeMutablePointer<UInt8>
  let values: UnsafeMutableRawPointer
  private var bytes: UnsafeMutablePointer<UInt8>
  private var byteCapacity: Int
  private(set) var byteCount = 0
  /// Text and sparse rows only: rows whose end offset is written.
  private var closedRows = 0
  private var indices: UnsafeMutablePointer<Int32>
  private var numbers: UnsafeMutablePointer<Double>
  private var entryCapacity: Int
  private(set) var entryCount = 0

  init(_ type: ColumnType, rowCount: Int) {
    self.type = type
    self.rowCount = rowCount
    let bitmapSize = (rowCount + 7) / 8
    validity = .allocate(capacity: max(1, bitmapSize))
    validity.initialize(repeating: 0, count: max(1, bitmapSize))
    let size = max(8, type.valueSize(rows: rowCount))
    values = .allocate(byteCount: size, alignment: 64)
    values.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    byteCapacity = type == .text ? max(64, rowCount * 8) : 1
    bytes = .allocate(capacity: byteCapacity)
    entryCapacity = type == .sparse ? max(64, rowCount * 8) : 1
    indices = .allocate(capacity: entryCapacity)
    numbers = .allocate(capacity: entryCapacity)
  }

  deinit {
    validity.deallocate()
    values.deallocate()
    bytes.deallocate()
    indices.deallocate()
    numbers.deallocate()
  }

  private func markPresent(_ row: Int) {
    validity[row >> 3] |= 1 << UInt8(row & 7)
    presentCount += 1
  }

  /// An integer, or the microseconds of a timestamp.
  func set(_ row: Int, integer value: Int64) {
    values.assumingMemoryBound(to: Int64.self)[row] = value
    markPresent(row)
  }

  /// NaN counts as missing.
  func set(_ row: Int, number value: Double) {
    if value.isNaN { return }
    values.assumingMemoryBound(to: Double.self)[row] = value
    markPresent(row)
  }

  func set(_ row: Int, boolean value: Bool) {
    if value { values.assumingMemoryBound(to: UInt8.self)[row >> 3] |= 1 << UInt8(row & 7) }
    markPresent(row)
  }

  /// The days of a date or the code of a category.
  func set(_ row: Int, int32 value: Int32) {
    values.assumingMemoryBound(to: Int32.self)[row] = value
    markPresent(row)
  }

  /// Rows must come in rising order.
  func set(_ row: Int, text: UnsafeBufferPointer<UInt8>) {
    closeRows(before: row)
    if byteCount + text.count > byteCapacity { grow(to: byteCount + text.count) }
    if let source = text.baseAddress { (bytes + byteCount).update(from: source, count: text.count) }
    byteCount += text.count
    closeRows(before: row + 1)
    markPresent(row)
  }

  /// The entries of a sparse row. Rows must come in rising order.
  func set(_ row: Int, indices: UnsafeBufferPointer<Int32>, numbers: UnsafeBufferPointer<Double>) {
    closeRows(before: row)
    reserve(entries: entryCount + indices.count)
    if let from = indices.baseAddress { (self.indices + entryCount).update(from: from, count: indices.count) }
    if let from = numbers.baseAddress { (self.numbers + entryCount).update(from: from, count: numbers.count) }
    entryCount += indices.count
    closeRows(before: row + 1)
    markPresent(row)
  }

  /// Makes room for so many entries in all.
  func reserve(entries needed: Int) {
    if needed <= entryCapacity { return }
    let capacity = max(needed, entryCapacity * 2)
    let largerIndices = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
    let largerNumbers = UnsafeMutablePointer<Double>.allocate(capacity: capacity)
    largerIndices.update(from: indices, count: entryCount)
    largerNumbers.update(from: numbers, count: entryCount)
    indices.deallocate()
    numbers.deallocate()
    (indices, numbers, entryCapacity) = (largerIndices, largerNumbers, capacity)
  }

  private func closeRows(before row: Int) {
    let offsets = values.assumingMemoryBound(to: Int64.self)
    let end = Int64(type == .sparse ? entryCount : byteCount)
    while closedRows < row {
      closedRows += 1
      offsets[closedRows] = end
    }
  }

  private func grow(to needed: Int) {
    let capacity = max(needed, byteCapacity * 2)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: bytes, count: byteCount)
    bytes.deallocate()
    bytes = larger
    byteCapacity = capacity
  }

  /// Copies texts from another place, one a row and all of them present. Rows must come in rising order.
  func set(_ rows: Range<Int>, texts source: ColumnSegment, from first: Int) {
    closeRows(before: rows.lowerBound)
    let from = source.values.assumingMemoryBound(to: Int64.self) + first
    let (start, end) = (Int(from[0]), Int(from[rows.count]))
    reserve(bytes: byteCount + end - start)
    if let bytes = source.bytes { (self.bytes + byteCount).update(from: bytes + start, count: end - start) }
    let offsets = values.assumingMemoryBound(to: Int64.self) + rows.lowerBound
    let shift = Int64(byteCount - start)
    for row in 1...rows.count { offsets[row] = from[row] + shift }
    byteCount += end - start
    closedRows = rows.upperBound
  }

  /// Takes back the value of the last row that was set, if it was this one.
  func unset(_ row: Int) {
    guard validity[row >> 3] & 1 << UInt8(row & 7) != 0 else { return }
    validity[row >> 3] &= ~(1 << UInt8(row & 7))
    presentCount -= 1
    switch type {
    case .text:
      let offsets = values.assumingMemoryBound(to: Int64.self)
      (closedRows, byteCount) = (row, Int(offsets[row]))
    case .sparse:
      let offsets = values.assumingMemoryBound(to: Int64.self)
      (closedRows, entryCount) = (row, Int(offsets[row]))
    case .boolean: values.assumingMemoryBound(to: UInt8.self)[row >> 3] &= ~(1 << UInt8(row & 7))
    default:
      let width = type.valueSize(rows: 1)
      (values + row * width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
    }
  }

  /// Says that all rows are filled, validity and values from outside; `fill` fills the bytes of texts.
  func adopt(presentCount: Int, byteCount: Int, bytes fill: (UnsafeMutableRawPointer) throws -> Void) rethrows {
    if presentCount == rowCount { markPresent(0..<rowCount) }
    self.presentCount = presentCount
    guard type == .text else { return }
    reserve(bytes: byteCount)
    try fill(bytes)
    self.byteCount = byteCount
    closedRows = rowCount
  }

  /// Makes room for so many bytes of text in all.
  func reserve(bytes needed: Int) {
    if needed > byteCapacity { grow(to: needed) }
  }

  /// The finished rows. Valid as long as this buffer lives.
  var segment: ColumnSegment { segment(rows: rowCount) }

  /// The first so many rows, of which none behind was filled. Valid as long as this buffer lives.
  func segment(rows: Int) -> ColumnSegment {
    if type == .text || type == .sparse { closeRows(before: rows) }
    var segment = ColumnSegment(
      rowCount: rows, missingCount: rows - presentCount,
      validity: presentCount == rows ? nil : UnsafePointer(validity),
      values: UnsafeRawPointer(values), bytes: type == .text ? UnsafePointer(bytes) : nil, byteCount: byteCount)
    if type == .sparse {
      segment.indices = UnsafePointer(indices)
      segment.numbers = UnsafePointer(numbers)
      segment.entryCount = entryCount
    }
    return segment
  }
}

extension ColumnType {
  /// Bytes of the `values` buffer for so many rows.
  func valueSize(rows: Int) -> Int {
    switch self {
    case .integer, .number, .timestamp: rows * 8
    case .boolean: (rows + 7) / 8
    case .date, .category: rows * 4
    case .text, .sparse: (rows + 1) * 8
    }
  }
}
