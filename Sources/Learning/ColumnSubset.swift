/// Some columns of a source, as a source.
struct ColumnSubset: DesignSource {
  private let source: any DesignSource
  /// Ascending.
  private let columns: [Int]
  private let scratch: Pool<AlignedBuffer>

  init(_ source: any DesignSource, columns: [Int]) {
    self.source = source
    self.columns = columns
    let longest = RowBlocks(rowCount: source.rowCount, columnCount: columns.count).leadingDimension
    let size = longest * source.columnCount
    scratch = Pool { AlignedBuffer(count: size) }
  }

  var rowCount: Int { source.rowCount }
  var columnCount: Int { columns.count }
  var hasWeights: Bool { source.hasWeights }
  var hasOffsets: Bool { source.hasOffsets }

  func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    guard let start = out.baseAddress else { return }
    scratch.lend { all in
      source.readDesign(
        rows, into: UnsafeMutableBufferPointer(start: all.start, count: rows.count * source.columnCount),
        leadingDimension: rows.count)
      for (place, column) in columns.enumerated() {
        (start + place * leadingDimension).update(from: all.start + column * rows.count, count: rows.count)
      }
    }
  }

  func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    source.readTargets(rows, into: out)
  }

  func readWeights(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    source.readWeights(rows, into: out)
  }

  func readOffsets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
    source.readOffsets(rows, into: out)
  }
}
