internal import Basics
internal import LinearAlgebra

/// The rows of a source as the solvers see them: `[1 | Z | y]` block by block, where `Z = (X − centre) · scale` and
/// the column of ones is there for an intercept.
///
/// Scales are powers of two, so that only the centring rounds. Blocks are kept in memory when they fit, or encoded each
/// time they are read: the bits are the same.
final class EncodedRows: Sendable {
  let blocks: RowBlocks
  /// Columns of the source.
  let columnCount: Int
  let intercept: Bool
  private let source: any DesignSource
  private let frame: Frame
  private let kept: AlignedBuffer?
  private let pool: Pool<AlignedBuffer>

  /// The change of variables between the source's columns and Z.
  struct Frame: Sendable {
    var centre: [Double]
    /// Powers of two; 0 for a constant column, which Z has as zeros.
    var scale: [Double]
    var targetCentre = 0.0

    init(centre: [Double], scale: [Double], targetCentre: Double = 0) {
      self.centre = centre
      self.scale = scale
      self.targetCentre = targetCentre
    }

    /// The source as it is.
    init(identity columnCount: Int) {
      centre = [Double](repeating: 0, count: columnCount)
      scale = [Double](repeating: 1, count: columnCount)
    }
  }

  /// Some rows, column-major. `design` is `[1 | Z]`, `columns` is `[Z | y]`, `all` is `[1 | Z | y]`.
  struct Block {
    let all: MatrixView
    let intercept: Bool

    var rowCount: Int { all.rows }
    var design: MatrixView { all.columns(from: 0, count: all.columns - 1) }
    var targets: UnsafeMutablePointer<Double> { all.column(all.columns - 1) }
    var columns: MatrixView {
      let first = intercept ? 1 : 0
      return all.columns(from: first, count: all.columns - first)
    }
  }

  /// Keeps the rows in memory when they take at most `memory` bytes.
  init(
    _ source: any DesignSource, frame: Frame, intercept: Bool, memory: Int, threads: Int, cancellation: Cancellation
  ) throws {
    self.source = source
    self.frame = frame
    self.intercept = intercept
    columnCount = source.columnCount
    blocks = RowBlocks(rowCount: source.rowCount, columnCount: source.columnCount)
    let blockSize = blocks.leadingDimension * (source.columnCount + (intercept ? 2 : 1))
    pool = Pool { AlignedBuffer(count: blockSize) }
    guard blocks.count * blockSize * 8 <= memory else {
      kept = nil
      return
    }
    let storage = AlignedBuffer(count: blocks.count * blockSize)
    kept = storage
    let blocks = blocks
    try parallelFor(count: blocks.count, threads: threads) { index in
      try cancellation.check()
      self.encode(blocks[index], into: self.block(blocks[index], at: storage.start + index * blockSize))
    }
  }

  /// Values of a row of `[1 | Z]`.
  var designWidth: Int { columnCount + (intercept ? 1 : 0) }

  /// Lends block `index`. The body may change it only when `memory` was 0.
  func withBlock<Result>(_ index: Int, _ body: (Block) throws -> Result) rethrows -> Result {
    if let kept {
      let blockSize = kept.count / blocks.count
      return try body(block(blocks[index], at: kept.start + index * blockSize))
    }
    return try pool.lend { buffer in
      let block = block(blocks[index], at: buffer.start)
      encode(blocks[index], into: block)
      return try body(block)
    }
  }

  private func block(_ rows: Range<Int>, at start: UnsafeMutablePointer<Double>) -> Block {
    Block(
      all: MatrixView(start, rows: rows.count, columns: designWidth + 1, leadingDimension: blocks.leadingDimension),
      intercept: intercept)
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
    source.readTargets(rows, into: UnsafeMutableBufferPointer(start: block.targets, count: rows.count))
    guard frame.targetCentre != 0 else { return }
    for row in 0..<rows.count { block.targets[row] -= frame.targetCentre }
  }
}
