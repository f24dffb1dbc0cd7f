internal import Basics
internal import LinearAlgebra
internal import Statistics

/// What the first pass over the rows of a classifier or count model finds: weights of the classes, how columns lie and
/// spread, and all that the gradient of the model without coefficients is made of.
struct LossSurvey: Sendable {
  /// Σ v.
  var weight = 0.0
  /// Rows of a weight above 0, and Σ ln v over them.
  var rowCount = 0
  var logWeights = 0.0
  /// Σ v by class; for counts Σ v·e^offset, Σ v·y and Σ v.
  var responses: [Double]
  /// `Σ v·z²` of the columns of `[1 | Z]`.
  var squares: [Double]
  /// `Σ v·[1 | Z]` by class; for counts with v·e^offset, v·y and v.
  var products: Matrix
  /// For counts `Σ v·(y − y·ln y)`, the least that the sum of losses can be; 0 for classes.
  var saturated = 0.0
  /// `[1 | Z]ᵀ·V·[1 | Z]`, upper triangle; nil unless statistics are to have it.
  var gram: Matrix?
  var fault: RowFault?

  init(width: Int, responses: Int, sumsProducts: Bool = false) {
    gram = sumsProducts ? Matrix(rows: width, columns: width) : nil
    self.responses = [Double](repeating: 0, count: responses)
    squares = [Double](repeating: 0, count: width)
    products = Matrix(rows: width, columns: responses)
  }

  static func make(
    _ rows: EncodedRows, _ loss: Loss, _ settings: FitSettings, cancellation: Cancellation
  ) throws -> LossSurvey {
    let threads = settings.threads
    let width = rows.designWidth
    let responses = loss == .poisson ? 3 : max(2, loss.outputs)
    // Of counts, and without a penalty, statistics pass over the rows all the same.
    let sumsProducts =
      settings.statisticsFollow && !settings.penalty.isNone && loss != .poisson
      && StatisticsRequest.comparesColumns(rows: rows.blocks.rowCount, width: width, isPenalised: true)
    let reduction = TreeReduction(
      make: { LossSurvey(width: width, responses: responses, sumsProducts: sumsProducts) }, merge: { $0.merge($1) })
    let stride = rows.blocks.leadingDimension
    let pool = Pool { AlignedBuffer(count: stride * (responses + 1 + (sumsProducts && rows.hasWeights ? width : 0))) }
    return try reduction.run(
      over: rows, .all(rows.blocks), leaves: sumsProducts ? 32 : 128, threads: threads, cancellation: cancellation,
      clear: { $0 = LossSurvey(width: width, responses: responses, sumsProducts: sumsProducts) },
      add: { block, survey in
        pool.lend { scratch in
          func room(_ start: Int, _ columns: Int) -> MatrixView {
            MatrixView(
              scratch.start + stride * start, rows: block.rowCount, columns: columns, leadingDimension: stride)
          }
          survey.add(block, loss, ones: scratch.start, room(1, responses))
          if sumsProducts {
            survey.addProducts(block, weights: scratch.start, room(1 + responses, block.weights == nil ? 0 : width))
          }
        }
      })
  }

  mutating func merge(_ later: LossSurvey) {
    weight += later.weight
    rowCount += later.rowCount
    logWeights += later.logWeights
    saturated += later.saturated
    for index in responses.indices { responses[index] += later.responses[index] }
    for index in squares.indices { squares[index] += later.squares[index] }
    for index in products.elements.indices { products.elements[index] += later.products.elements[index] }
    if let more = later.gram, gram != nil {
      for index in more.elements.indices { gram?.elements[index] += more.elements[index] }
    }
    fault = fault ?? later.fault
  }

  mutating func add(
    _ block: EncodedRows.Block, _ loss: Loss, ones: UnsafeMutablePointer<Double>, _ room: MatrixView
  ) {
    fault = fault ?? block.weightFault ?? loss.targetFault(block)
    let padded = RowKernels.padded(block.rowCount)
    if fault != nil { return }
    for column in 0..<room.columns { room.column(column).update(repeating: 0, count: padded) }
    ones.update(repeating: 0, count: padded)
    for row in 0..<block.rowCount {
      let own = block.weights?[row] ?? 1
      ones[row] = own
      weight += own
      if own > 0 {
        rowCount += 1
        if block.weights != nil { logWeights += Elementary.log(own) }
      }
      if loss == .poisson {
        room.column(0)[row] = own * (block.offsets.map { Elementary.exp($0[row]) } ?? 1)
        room.column(1)[row] = own * block.targets[row]
        room.column(2)[row] = own
        let target = block.targets[row]
        saturated += own * (target - (target > 0 ? target * Elementary.log(target) : 0))
      } else {
        room.column(Int(block.targets[row]))[row] = own
      }
    }
    for column in 0..<room.columns {
      let values = room.column(column)
      var sum = 0.0
      for row in 0..<block.rowCount { sum += values[row] }
      responses[column] += sum
    }
    squares.withUnsafeMutableBufferPointer { squares in
      if let start = squares.baseAddress { RowKernels.addSquares(block.design, ones, into: start) }
    }
    products.withView { RowKernels.addProduct(block.design, room, into: $0) }
  }

  /// Adds the products of columns of a block that was added; `weights` and `scratch` are for rows that have some.
  private mutating func addProducts(
    _ block: EncodedRows.Block, weights: UnsafeMutablePointer<Double>, _ scratch: MatrixView
  ) {
    if fault != nil { return }
    gram?.withView { gram in
      if block.weights == nil {
        RowKernels.addGram(block.design, into: gram)
      } else {
        RowKernels.addWeightedGram(block.design, weights, scratch: scratch, into: gram)
      }
    }
  }

  func validate(_ rows: EncodedRows, _ settings: FitSettings, cancellation: Cancellation) throws {
    if let fault { throw fault.error(settings.objective) }
    guard weight > 0 else { throw LearningError.noWeight }
    for (index, square) in squares.enumerated() where !square.isFinite {
      try rows.throwNonFinite(settings, cancellation: cancellation)
      throw LearningError.tooLarge(column: settings.name(ofColumn: index - (rows.intercept ? 1 : 0)))
    }
    if settings.objective == .poisson {
      guard responses[1] > 0 else { throw LearningError.noCounts }
      guard responses[0].isFinite else { throw LearningError.nonFiniteOffset }
    } else if let empty = responses.firstIndex(of: 0) {
      throw LearningError.emptyClass(empty)
    }
  }

  /// `Σ v·[1 | Z]`.
  func sums(_ loss: Loss) -> [Double] {
    squares.indices.map { column in
      if loss == .poisson { return products[column, 2] }
      var sum = 0.0
      for response in responses.indices { sum += products[column, response] }
      return sum
    }
  }

  /// The same of the source's columns, for statistics; of the target, which they do not ask about, zeros.
  func columns(_ rows: EncodedRows, _ loss: Loss) -> ColumnSurvey {
    let sums = sums(loss)
    var out = ColumnSurvey(width: rows.columnCount + 1)
    (out.weight, out.rows, out.logWeights) = (weight, rowCount, logWeights)
    for column in 0..<rows.columnCount {
      let (place, scale) = (column + (rows.intercept ? 1 : 0), rows.frame.scale[column])
      if scale == 0 { continue }
      let mean = sums[place] / weight
      out.means[column] = rows.frame.centre[column] + mean / scale
      out.spreads[column] = max(0, squares[place] - weight * mean * mean) / (scale * scale)
      // Without an intercept nothing is subtracted.
      out.squares[column] = squares[place] / (scale * scale)
    }
    return out
  }
}
