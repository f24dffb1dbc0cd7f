/// The encoded rows of a fit in which most columns are 0: each row comes as its entries, and nothing here ever makes the
/// others. Whatever takes a `DesignSource` takes one of these and keeps it sparse.
///
/// Reading the same rows again gives the same bits. Several threads read different rows at once.
package protocol SparseDesignSource: DesignSource {
  /// Appends `rows` in order, each with its entries in the order in which products are to be summed.
  func readEntries(_ rows: Range<Int>, into block: SparseBlock)
}

extension SparseDesignSource {
  /// For the statistics of a fit of few columns, a block at a time. No solver of sparse designs calls it.
  package func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    let block = SparseBlock()
    readEntries(rows, into: block)
    for column in 0..<columnCount {
      for row in 0..<rows.count { out[column * leadingDimension + row] = 0 }
    }
    for row in 0..<block.rowCount {
      for entry in block.starts[row]..<block.starts[row + 1] {
        out[Int(block.columns[entry]) * leadingDimension + row] += block.values[entry]
      }
    }
  }
}

/// Some rows of a sparse design, one after the other (CSR). One thread at a time fills it.
package final class SparseBlock: @unchecked Sendable {
  package private(set) var rowCount = 0
  /// Entries before each row, and in all: one more than rows.
  private(set) var starts: UnsafeMutablePointer<Int>
  private(set) var columns: UnsafeMutablePointer<Int32>
  private(set) var values: UnsafeMutablePointer<Double>
  private var rowCapacity: Int
  private var entryCapacity: Int

  package init(rows: Int = 64, entries: Int = 1024) {
    rowCapacity = max(1, rows)
    entryCapacity = max(1, entries)
    starts = .allocate(capacity: rowCapacity + 1)
    columns = .allocate(capacity: entryCapacity)
    values = .allocate(capacity: entryCapacity)
    starts[0] = 0
  }

  deinit {
    starts.deallocate()
    columns.deallocate()
    values.deallocate()
  }

  package var entryCount: Int { starts[rowCount] }

  /// Bytes that it takes when it holds nothing else.
  var byteCount: Int { entryCount * 12 + (rowCount + 1) * 8 }

  package func clear() { rowCount = 0 }

  /// Appends a row. Entries that are 0 are left out. `columns` and `values` are of equal length.
  package func append(columns: UnsafeBufferPointer<Int32>, values: UnsafeBufferPointer<Double>) {
    if rowCount == rowCapacity { growRows() }
    var count = entryCount
    if count + columns.count > entryCapacity { growEntries(count + columns.count) }
    for entry in 0..<columns.count where values[entry] != 0 {
      self.columns[count] = columns[entry]
      self.values[count] = values[entry]
      count += 1
    }
    rowCount += 1
    starts[rowCount] = count
  }

  /// The same rows in memory of just their size.
  func trimmed() -> SparseBlock {
    let copy = SparseBlock(rows: rowCount, entries: entryCount)
    copy.rowCount = rowCount
    copy.starts.update(from: starts, count: rowCount + 1)
    copy.columns.update(from: columns, count: entryCount)
    copy.values.update(from: values, count: entryCount)
    return copy
  }

  /// Replaces every column by its entry in `ranks`.
  func renumber(_ ranks: UnsafePointer<Int32>) {
    for entry in 0..<entryCount { columns[entry] = ranks[Int(columns[entry])] }
  }

  private func growRows() {
    let larger = UnsafeMutablePointer<Int>.allocate(capacity: rowCapacity * 2 + 1)
    larger.update(from: starts, count: rowCount + 1)
    starts.deallocate()
    starts = larger
    rowCapacity *= 2
  }

  private func growEntries(_ needed: Int) {
    let capacity = max(needed, entryCapacity * 2)
    let largerColumns = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
    let largerValues = UnsafeMutablePointer<Double>.allocate(capacity: capacity)
    largerColumns.update(from: columns, count: entryCount)
    largerValues.update(from: values, count: entryCount)
    columns.deallocate()
    values.deallocate()
    (columns, values, entryCapacity) = (largerColumns, largerValues, capacity)
  }
}

/// Rows of a sparse design held in memory.
package struct SparseDesign: SparseDesignSource {
  package let columnCount: Int
  private let starts: [Int]
  private let columns: [Int32]
  private let values: [Double]
  private let targets: [Double]
  private let weights: [Double]?
  private let offsets: [Double]?

  package var rowCount: Int { targets.count }

  /// `starts` has one more element than there are rows; weights and offsets one a row.
  package init(
    columnCount: Int, starts: [Int], columns: [Int32], values: [Double], targets: [Double], weights: [Double]? = nil,
    offsets: [Double]? = nil
  ) {
    precondition(starts.count == targets.count + 1 && columns.count == values.count, "lengths differ")
    precondition(starts.last == values.count && starts.first == 0, "the rows do not cover the entries")
    self.columnCount = columnCount
    self.starts = starts
    self.columns = columns
    self.values = values
    self.targets = targets
    self.weights = weights
    self.offsets = offsets
  }

  package func readEntries(_ rows: Range<Int>, into block: SparseBlock) {
    columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        for row in rows {
          let part = starts[row]..<starts[row + 1]
          block.append(
            columns: UnsafeBufferPointer(rebasing: columns[part]), values: UnsafeBufferPointer(rebasing: values[part]))
        }
      }
    }
  }

  package func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for row in rows { out[row - rows.lowerBound] = targets[row] }
  }

  package var hasWeights: Bool { weights != nil }

  package func readWeights(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for row in rows { out[row - rows.lowerBound] = weights?[row] ?? 1 }
  }

  package var hasOffsets: Bool { offsets != nil }

  package func readOffsets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    for row in rows { out[row - rows.lowerBound] = offsets?[row] ?? 0 }
  }
}
