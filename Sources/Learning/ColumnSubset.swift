/// Some columns of a source, as a source.
struct ColumnSubset: DesignSource {
  private let source: any DesignSource
  /// Ascending.
  private let columns: [Int]
  /// The place of each column here.
  private let places: [Int32: Int]
  private let scratch: Pool<AlignedBuffer>

  init(_ source: any DesignSource, columns: [Int]) {
    self.source = source
    self.columns = columns
    places = Dictionary(uniqueKeysWithValues: columns.enumerated().map { (Int32($1), $0) })
    let longest = RowBlocks(rowCount: source.rowCount, columnCount: columns.count).leadingDimension
    let size = source is any SparseDesignSource ? 1 : longest * source.columnCount
    scratch = Pool { AlignedBuffer(count: size) }
  }

  var rowCount: Int { source.rowCount }
  var columnCount: Int { columns.count }
  var hasWeights: Bool { source.hasWeights }
  var hasOffsets: Bool { source.hasOffsets }

  func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
    guard let start = out.baseAddress else { return }
    if let source = source as? any SparseDesignSource {
      return readSparse(rows, source, into: start, leadingDimension: leadingDimension)
    }
    scratch.lend { all in
      source.readDesign(
        rows, into: UnsafeMutableBufferPointer(start: all.start, count: rows.count * source.columnCount),
        leadingDimension: rows.count)
      for (place, column) in columns.enumerated() {
        (start + place * leadingDimension).update(from: all.start + column * rows.count, count: rows.count)
      }
    }
  }

  private func readSparse(
    _ rows: Range<Int>, _ source: any SparseDesignSource, into start: UnsafeMutablePointer<Double>,
    leadingDimension: Int
  ) {
    for place in columns.indices { (start + place * leadingDimension).update(repeating: 0, count: rows.count) }
    let block = SparseBlock()
    source.readEntries(rows, into: block)
    for row in 0..<block.rowCount {
      for entry in block.starts[row]..<block.starts[row + 1] {
        guard let place = places[block.columns[entry]] else { continue }
        start[place * leadingDimension + row] += block.values[entry]
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
