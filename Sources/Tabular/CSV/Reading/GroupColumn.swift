import Glibc

/// The memory of one column for one row group that threads fill, block by block of 64 rows.
///
/// A block is written by one thread, and no two blocks share a word of the bitmaps. What is in it holds until the next
/// `begin`.
final class GroupColumn: @unchecked Sendable {
  private(set) var mode = ColumnMode.nothing
  /// A bit a row, 1 where a value is present.
  let validity: UnsafeMutablePointer<UInt64>
  /// As `ColumnSegment.values`; of a text, `values[row + 1]` is the length of the row until `finish` sums them up.
  let values: UnsafeMutableRawPointer
  /// The texts of each piece by its first row, in any order.
  private var parts: [(firstRow: Int, bytes: UnsafeMutablePointer<UInt8>, count: Int)] = []
  private var text: UnsafeMutablePointer<UInt8>
  private var textCapacity = 64
  private var textCount = 0

  private let arena: GroupArena

  /// Column number `index` of those for which `arena` has memory.
  init(_ arena: GroupArena, _ index: Int) {
    self.arena = arena
    validity = arena.validity(index)
    values = arena.values(index)
    text = .allocate(capacity: textCapacity)
  }

  deinit {
    dropParts()
    text.deallocate()
  }

  /// The columns of a row group of up to `capacity` rows, a multiple of 64.
  static func group(columnCount: Int, capacity: Int) -> [GroupColumn] {
    let arena = GroupArena(columnCount: columnCount, capacity: capacity)
    return (0..<columnCount).map { GroupColumn(arena, $0) }
  }

  private func dropParts() {
    for part in parts { part.bytes.deallocate() }
    parts.removeAll(keepingCapacity: true)
  }

  func begin(_ mode: ColumnMode) {
    self.mode = mode
    dropParts()
    textCount = 0
  }

  var numbers: UnsafeMutablePointer<Double> { values.assumingMemoryBound(to: Double.self) }
  var integers: UnsafeMutablePointer<Int64> { values.assumingMemoryBound(to: Int64.self) }
  var codes: UnsafeMutablePointer<Int32> { values.assumingMemoryBound(to: Int32.self) }
  var bits: UnsafeMutablePointer<UInt64> { values.assumingMemoryBound(to: UInt64.self) }

  /// Takes the texts of a piece, one behind the other. Calls for one column must not overlap.
  func addText(firstRow: Int, _ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
    parts.append((firstRow, bytes, count))
  }

  /// Puts together what the pieces left, once all rows are there.
  func finish(rowCount: Int) {
    switch mode {
    case .text:
      let offsets = integers
      offsets[0] = 0
      for row in 0..<rowCount { offsets[row + 1] += offsets[row] }
      let total = parts.reduce(0) { $0 + $1.count }
      if total > textCapacity {
        text.deallocate()
        textCapacity = max(total, textCapacity * 2)
        text = .allocate(capacity: textCapacity)
      }
      for part in parts.sorted(by: { $0.firstRow < $1.firstRow }) {
        (text + textCount).update(from: part.bytes, count: part.count)
        textCount += part.count
      }
      dropParts()
    case .nothing:
      // As a text without a value.
      memset(values, 0, (rowCount + 1) * 8)
    default: break
    }
  }

  /// The rows, once they are finished. Valid until the next `begin`.
  func segment(rowCount: Int) -> ColumnSegment {
    var present = 0
    for word in 0..<(rowCount + 63) / 64 { present += validity[word].nonzeroBitCount }
    let isText = mode.type == .text
    return ColumnSegment(
      rowCount: rowCount, missingCount: rowCount - present,
      validity: present == rowCount ? nil : UnsafeRawPointer(validity).assumingMemoryBound(to: UInt8.self),
      values: UnsafeRawPointer(values), bytes: isText ? UnsafePointer(text) : nil, byteCount: textCount)
  }
}

/// The memory of a whole row group, in large pages where the system has them, since threads write to all columns in turn.
final class GroupArena: @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer
  private let validityStride, valuesStride, valuesStart: Int

  init(columnCount: Int, capacity: Int) {
    validityStride = (capacity / 8 + 63) / 64 * 64
    // An odd number of cache lines, so that the same rows of different columns do not compete for the same ones.
    valuesStride = ((capacity + 1) * 8 + 63) / 64 * 64 + (capacity / 8 % 2 == 0 ? 64 : 0)
    valuesStart = columnCount * validityStride
    let size = max(64, valuesStart + columnCount * valuesStride)
    memory = .allocate(byteCount: size, alignment: size >= 1 << 22 ? 1 << 21 : 64)
    if size >= 1 << 22 { madvise(memory, size, MADV_HUGEPAGE) }
  }

  deinit { memory.deallocate() }

  func validity(_ index: Int) -> UnsafeMutablePointer<UInt64> {
    (memory + index * validityStride).assumingMemoryBound(to: UInt64.self)
  }

  func values(_ index: Int) -> UnsafeMutableRawPointer { memory + valuesStart + index * valuesStride }
}
