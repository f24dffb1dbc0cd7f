internal import Basics
internal import LinearAlgebra

/// The rows of a source for passes over a finished fit: `[1 | Z]` with `Z = (X − centre) · scale` of the active columns,
/// targets, weights and offsets, block by block, encoded each time. Rows beyond the last of a block are zeros of weight 0, as
/// the kernels want them.
final class WeightedRows: Sendable {
  let blocks: RowBlocks
  let intercept: Bool
  /// Columns of the source that are in the design.
  let active: [Int]
  private let source: any DesignSource
  private let centre: [Double]
  private let scale: [Double]
  private let pool: Pool<AlignedBuffer>

  struct Block {
    /// `[1 | Z]`, or Z without an intercept.
    let design: MatrixView
    let targets: UnsafeMutablePointer<Double>
    /// Ones where the source has none.
    let weights: UnsafeMutablePointer<Double>
    /// Zeros where the source has none.
    let offsets: UnsafeMutablePointer<Double>
    var rowCount: Int { design.rows }
  }

  /// `centre` and `scale` are by column of the source.
  init(_ source: any DesignSource, intercept: Bool, active: [Int], centre: [Double], scale: [Double]) {
    self.source = source
    self.intercept = intercept
    self.active = active
    self.centre = centre
    self.scale = scale
    blocks = RowBlocks(rowCount: source.rowCount, columnCount: source.columnCount)
    let blockSize = blocks.leadingDimension * (source.columnCount + 4)
    pool = Pool { AlignedBuffer(count: blockSize) }
  }

  var width: Int { active.count + (intercept ? 1 : 0) }
  var hasWeights: Bool { source.hasWeights }
  var hasOffsets: Bool { source.hasOffsets }

  /// Lends a block, which the body may change. Without `design` only targets, weights and offsets are read.
  func withBlock<Result>(_ index: Int, design: Bool = true, _ body: (Block) throws -> Result) rethrows -> Result {
    try pool.lend { buffer in
      let rows = blocks[index]
      let stride = blocks.leadingDimension
      let sides = (0..<3).map { buffer.start + (source.columnCount + 1 + $0) * stride }
      func side(_ place: Int) -> UnsafeMutableBufferPointer<Double> {
        UnsafeMutableBufferPointer(start: sides[place], count: rows.count)
      }
      source.readTargets(rows, into: side(0))
      if source.hasWeights { source.readWeights(rows, into: side(1)) } else { side(1).update(repeating: 1) }
      if source.hasOffsets { source.readOffsets(rows, into: side(2)) } else { side(2).update(repeating: 0) }
      if design { encode(rows, into: buffer.start, stride: stride) }
      let padding = RowKernels.padded(rows.count) - rows.count
      if padding > 0 {
        let columns = (0..<(design ? width : 0)).map { buffer.start + $0 * stride }
        for column in columns + sides { (column + rows.count).update(repeating: 0, count: padding) }
      }
      return try body(
        Block(
          design: MatrixView(
            buffer.start, rows: rows.count, columns: design ? width : 0, leadingDimension: stride),
          targets: sides[0], weights: sides[1], offsets: sides[2]))
    }
  }

  /// The triangular factor of `√V·[1 | Z | y − offset − centre]`: QR of each block, then of pairs of factors up the tree
  /// (TSQR; Demmel, Grigori, Hoemmen and Langou, SIAM J. Sci. Comput. 34, 2012).
  func triangle(targetCentre: Double, threads: Int, cancellation: Cancellation) throws -> Matrix {
    let width = width + 1
    let reduction = TreeReduction(
      make: { Matrix(rows: 0, columns: width) },
      merge: { factor, later in factor = triangularFactor(of: stacked(factor, later)) })
    return try reduction.run(count: blocks.count, threads: threads, cancellation: cancellation) { index, factor in
      factor = withBlock(index) { block in
        var copy = Matrix(rows: block.rowCount, columns: width)
        for row in 0..<block.rowCount {
          let root = block.weights[row].squareRoot()
          for column in 0..<width - 1 { copy[row, column] = root * block.design.column(column)[row] }
          copy[row, width - 1] = root * (block.targets[row] - block.offsets[row] - targetCentre)
        }
        return triangularFactor(of: copy)
      }
    }
  }

  private func encode(_ rows: Range<Int>, into start: UnsafeMutablePointer<Double>, stride: Int) {
    let first = intercept ? 1 : 0
    let columns = start + first * stride
    source.readDesign(
      rows, into: UnsafeMutableBufferPointer(start: columns, count: stride * source.columnCount),
      leadingDimension: stride)
    // Active columns ascend, so each moves to the left or stays.
    for (place, column) in active.enumerated() {
      let from = columns + column * stride
      let to = columns + place * stride
      let (centre, scale) = (centre[column], scale[column])
      for row in 0..<rows.count { to[row] = (from[row] - centre) * scale }
    }
    if intercept { start.update(repeating: 1, count: rows.count) }
  }
}
