internal import Basics
internal import LinearAlgebra
internal import Synchronization

/// The rows of a source as the solvers see them: `[1 | Z | y]` block by block, where `Z = (X − centre) · scale` and
/// the column of ones is there for an intercept; behind them, where the source has them, weights and offsets.
///
/// Scales are powers of two, so that only the centring rounds. Blocks are encoded when they are read first and kept where
/// memory allows; those that are not kept are encoded each time. The bits are the same. Rows beyond the last of a block are
/// zeros, as the kernels want them.
final class EncodedRows: Sendable {
  let blocks: RowBlocks
  /// Columns of the source.
  let columnCount: Int
  let intercept: Bool
  let hasWeights: Bool
  let hasOffsets: Bool
  let frame: Frame
  private let source: any DesignSource
  private let blockSize: Int
  private let kept: AlignedBuffer?
  /// Which kept blocks are encoded.
  private let isKept: Mutex<[Bool]>
  private let pool: Pool<AlignedBuffer>

  /// The change of variables between the source's columns and Z.
  struct Frame: Sendable, Hashable {
    var centre: [Double]
    /// Powers of two; 0 for a column that Z has as zeros.
    var scale: [Double]
    var targetCentre = 0.0

    init(centre: [Double], scale: [Double], targetCentre: Double = 0) {
      self.centre = centre
      self.scale = scale
      self.targetCentre = targetCentre
    }
  }

  /// Some rows, column-major. `design` is `[1 | Z]`, `columns` is `[Z | y]`, `all` is `[1 | Z | y]`.
  struct Block {
    let all: MatrixView
    /// The first of them in the source.
    let firstRow: Int
    let intercept: Bool
    /// One a row, zeros beyond the last; nil where every row weighs 1.
    let weights: UnsafeMutablePointer<Double>?
    let offsets: UnsafeMutablePointer<Double>?
    /// Where the rows after these lie, laid out alike; nil where they are not in memory.
    var next: UnsafePointer<Double>?

    var rowCount: Int { all.rows }
    var design: MatrixView { all.columns(from: 0, count: all.columns - 1) }
    var targets: UnsafeMutablePointer<Double> { all.column(all.columns - 1) }
    var columns: MatrixView {
      let first = intercept ? 1 : 0
      return all.columns(from: first, count: all.columns - first)
    }
  }

  /// Keeps rows in memory when they take at most `memory` bytes.
  init(_ source: any DesignSource, frame: Frame, intercept: Bool, memory: Int) {
    self.source = source
    self.frame = frame
    self.intercept = intercept
    columnCount = source.columnCount
    hasWeights = source.hasWeights
    hasOffsets = source.hasOffsets
    blocks = RowBlocks(rowCount: source.rowCount, columnCount: source.columnCount)
    let width = source.columnCount + (intercept ? 2 : 1) + (hasWeights ? 1 : 0) + (hasOffsets ? 1 : 0)
    let size = blocks.leadingDimension * width
    blockSize = size
    pool = Pool { AlignedBuffer(count: size) }
    let fits = blocks.count * size <= memory / 8
    kept = fits ? AlignedBuffer(count: blocks.count * size) : nil
    isKept = Mutex([Bool](repeating: false, count: fits ? blocks.count : 0))
  }

  /// Bytes of the rows that are kept.
  var keptBytes: Int { kept == nil ? 0 : blocks.count * blockSize * 8 }

  /// Values of a row of `[1 | Z]`.
  var designWidth: Int { columnCount + (intercept ? 1 : 0) }

  /// Lends block `index`, which nobody may change. One thread at a time asks for the same block.
  func withBlock<Result>(_ index: Int, _ body: (Block) throws -> Result) rethrows -> Result {
    if let kept {
      var block = block(blocks[index], at: kept.start + index * blockSize)
      if index + 1 < blocks.count { block.next = UnsafePointer(kept.start + (index + 1) * blockSize) }
      if !isKept.withLock({ $0[index] }) {
        encode(blocks[index], into: block)
        isKept.withLock { $0[index] = true }
      }
      return try body(block)
    }
    return try pool.lend { buffer in
      let block = block(blocks[index], at: buffer.start)
      encode(blocks[index], into: block)
      return try body(block)
    }
  }

  private func block(_ rows: Range<Int>, at start: UnsafeMutablePointer<Double>) -> Block {
    let stride = blocks.leadingDimension
    var next = start + stride * (designWidth + 1)
    func column(_ isThere: Bool) -> UnsafeMutablePointer<Double>? {
      guard isThere else { return nil }
      defer { next += stride }
      return next
    }
    return Block(
      all: MatrixView(start, rows: rows.count, columns: designWidth + 1, leadingDimension: stride),
      firstRow: rows.lowerBound, intercept: intercept, weights: column(hasWeights), offsets: column(hasOffsets))
  }

  private func encode(_ rows: Range<Int>, into block: Block) {
    let stride = blocks.leadingDimension
    if intercept { block.all.start.update(repeating: 1, count: rows.count) }
    let columns = block.columns
    source.readDesign(
      rows, into: UnsafeMutableBufferPointer(start: columns.start, count: stride * columnCount),
      leadingDimension: stride)
    for column in 0..<columnCount {
      let (centre, scale) = (frame.centre[column], frame.scale[column])
      if centre == 0, scale == 1 { continue }
      let values = columns.column(column)
      for row in 0..<rows.count { values[row] = (values[row] - centre) * scale }
    }
    func buffer(_ start: UnsafeMutablePointer<Double>) -> UnsafeMutableBufferPointer<Double> {
      UnsafeMutableBufferPointer(start: start, count: rows.count)
    }
    source.readTargets(rows, into: buffer(block.targets))
    if let weights = block.weights { source.readWeights(rows, into: buffer(weights)) }
    if let offsets = block.offsets { source.readOffsets(rows, into: buffer(offsets)) }
    if frame.targetCentre != 0 {
      for row in 0..<rows.count { block.targets[row] -= frame.targetCentre }
    }
    let padding = RowKernels.padded(rows.count) - rows.count
    guard padding > 0 else { return }
    for column in 0..<block.all.columns { (block.all.column(column) + rows.count).update(repeating: 0, count: padding) }
    if let weights = block.weights { (weights + rows.count).update(repeating: 0, count: padding) }
  }
}
