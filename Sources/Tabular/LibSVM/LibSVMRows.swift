/// Rows of a libsvm file in memory, as they were parsed: labels, and entries row after row.
///
/// Filled by one thread, then only read.
final class LibSVMRows: @unchecked Sendable {
  private(set) var rowCount = 0
  private(set) var entryCount = 0
  /// NaN where a row has none.
  let labels: UnsafeMutablePointer<Double>
  /// Entries before each row, and in all: one more than rows.
  let starts: UnsafeMutablePointer<Int>
  let indices: UnsafeMutablePointer<Int32>
  let numbers: UnsafeMutablePointer<Double>

  /// Room for all that so many bytes can hold: a row takes two at least, an entry four. Memory that is never written
  /// costs nothing.
  init(byteCount: Int) {
    labels = .allocate(capacity: byteCount / 2 + 1)
    starts = .allocate(capacity: byteCount / 2 + 2)
    indices = .allocate(capacity: byteCount / 3 + 1)
    numbers = .allocate(capacity: byteCount / 3 + 1)
    starts[0] = 0
  }

  deinit {
    labels.deallocate()
    starts.deallocate()
    indices.deallocate()
    numbers.deallocate()
  }

  /// Ends a row of which the entries up to `entryCount` are written.
  func close(label: Double, entryCount: Int) {
    labels[rowCount] = label
    self.entryCount = entryCount
    rowCount += 1
    starts[rowCount] = entryCount
  }

  /// Stores some rows in the buffers of a row group.
  func copy(_ rows: Range<Int>, label: SegmentBuffer, features: SegmentBuffer, at first: Int) {
    for row in rows {
      let target = first + row - rows.lowerBound
      label.set(target, number: labels[row])
      let entries = starts[row]..<starts[row + 1]
      features.set(
        target, indices: UnsafeBufferPointer(start: indices + entries.lowerBound, count: entries.count),
        numbers: UnsafeBufferPointer(start: numbers + entries.lowerBound, count: entries.count))
    }
  }

  /// Entries of some rows.
  func entryCount(of rows: Range<Int>) -> Int { starts[rows.upperBound] - starts[rows.lowerBound] }
}
