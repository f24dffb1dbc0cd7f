import Glibc
import LinearAlgebra
import Statistics
import Testing

/// Products and losses of blocks, held against plain loops, with each set of instructions that this processor has.
struct RowKernelTests {
  static let sets = ["avx512", "avx2", "baseline"]
  /// Every remainder of the tiles, and one block of more rows than are summed at once.
  static let shapes = (1...17).flatMap { rows in (1...13).map { (rows, $0) } } + [(1100, 7)]

  /// Random numbers whose rows are padded with zeros, with more memory between columns.
  struct Block {
    let view: MatrixView

    init(_ rows: Int, _ columns: Int, seed: Int, _ value: (inout SeededGenerator) -> Double = { $0.nextUnit() * 4 - 2 })
    {
      var random = SeededGenerator(seed: UInt64(seed))
      let stride = RowKernels.padded(rows) + 8
      let start = UnsafeMutablePointer<Double>.allocate(capacity: stride * columns)
      start.initialize(repeating: 0, count: stride * columns)
      view = MatrixView(start, rows: rows, columns: columns, leadingDimension: stride)
      for column in 0..<columns {
        for row in 0..<rows { start[column * stride + row] = value(&random) }
      }
    }

    subscript(row: Int, column: Int = 0) -> Double { view.column(column)[row] }
    var start: UnsafeMutablePointer<Double> { view.start }
    /// What lies between the last row and the padded count.
    var padding: [Double] { (view.rows..<RowKernels.padded(view.rows)).map { self[$0] } }

    func free() { view.start.deallocate() }
  }

  private func isClose(_ value: Double, _ terms: [Double], start: Double = 0, tolerance: Double = 1e-14) -> Bool {
    let size = terms.reduce(abs(start)) { $0 + abs($1) }
    return abs(value - (compensatedSum(terms) + start)) <= tolerance * size
  }

  @Test(arguments: sets)
  func productsEqualPlainLoops(instructions: String) {
    RowKernels.using(instructions) {
      for (rows, columns) in Self.shapes {
        let others = 1 + (rows * 5 + columns) % 11
        let (x, y, d) = (Block(rows, columns, seed: 1), Block(rows, others, seed: 2), Block(rows, 1, seed: 3))
        let (square, upper, cross) = (
          Block(columns, columns, seed: 4), Block(columns, columns, seed: 4), Block(columns, others, seed: 5)
        )
        let before = Block(columns, columns, seed: 4)
        let beforeCross = Block(columns, others, seed: 5)
        let scratch = Block(rows, columns, seed: 6)
        defer { [x, y, d, square, upper, cross, before, beforeCross, scratch].forEach { $0.free() } }
        RowKernels.addGram(x.view, into: square.view)
        RowKernels.addWeightedGram(x.view, d.start, scratch: scratch.view, into: upper.view)
        RowKernels.addProduct(x.view, y.view, into: cross.view)
        var isRight = true
        for column in 0..<columns {
          for row in 0..<columns {
            let terms = (0..<rows).map { x[$0, row] * x[$0, column] }
            if row <= column {
              isRight = isRight && isClose(square[row, column], terms, start: before[row, column])
              let weighted = (0..<rows).map { terms[$0] * d[$0] }
              isRight = isRight && isClose(upper[row, column], weighted, start: before[row, column])
            } else {
              isRight =
                isRight && square[row, column] == before[row, column] && upper[row, column] == before[row, column]
            }
          }
          for other in 0..<others {
            let terms = (0..<rows).map { x[$0, column] * y[$0, other] }
            isRight = isRight && isClose(cross[column, other], terms, start: beforeCross[column, other])
          }
        }
        #expect(isRight, "\(rows) × \(columns), \(others)")
      }
    }
  }

  /// Rows that are fetched ahead are asked for and not touched: any address will do, one that is not mapped too.
  @Test(arguments: sets)
  func fetchingTheNextBlockChangesNoBit(instructions: String) {
    RowKernels.using(instructions) {
      for (rows, columns) in Self.shapes + [(1100, 103)] {
        let x = Block(rows, columns, seed: 1)
        let (plain, ahead, beyond) = (
          Block(columns, columns, seed: 4), Block(columns, columns, seed: 4), Block(columns, columns, seed: 4)
        )
        defer { [x, plain, ahead, beyond].forEach { $0.free() } }
        RowKernels.addGram(x.view, into: plain.view)
        RowKernels.addGram(x.view, next: UnsafePointer(x.start), into: ahead.view)
        RowKernels.addGram(x.view, next: UnsafePointer(bitPattern: 4096), into: beyond.view)
        for column in 0..<columns {
          for row in 0...column {
            #expect(plain[row, column] == ahead[row, column] && plain[row, column] == beyond[row, column])
          }
        }
      }
    }
  }

  @Test(arguments: sets)
  func scoresAndSquaresEqualPlainLoops(instructions: String) {
    RowKernels.using(instructions) {
      for (rows, columns) in Self.shapes {
        let outputs = 1 + (rows + columns) % 7
        let (x, d, w) = (Block(rows, columns, seed: 1), Block(rows, 1, seed: 2), Block(columns, outputs, seed: 3))
        let (z, scaled, sums) = (
          Block(rows, outputs, seed: 4), Block(rows, columns, seed: 5), Block(columns, 1, seed: 6)
        )
        let before = Block(columns, 1, seed: 6)
        defer { [x, d, w, z, scaled, sums, before].forEach { $0.free() } }
        RowKernels.scores(x.view, w.start, stride: w.view.leadingDimension, into: z.view)
        RowKernels.scaleRows(x.view, d.start, into: scaled.view)
        RowKernels.addSquares(x.view, d.start, into: sums.start)
        var isRight = z.padding.allSatisfy { $0 == 0 } && scaled.padding.allSatisfy { $0 == 0 }
        for row in 0..<rows {
          for output in 0..<outputs {
            isRight = isRight && isClose(z[row, output], (0..<columns).map { x[row, $0] * w[$0, output] })
          }
          for column in 0..<columns { isRight = isRight && scaled[row, column] == d[row] * x[row, column] }
        }
        for column in 0..<columns {
          let terms = (0..<rows).map { d[$0] * x[$0, column] * x[$0, column] }
          isRight = isRight && isClose(sums[column], terms, start: before[column])
        }
        #expect(isRight, "\(rows) × \(columns), \(outputs)")
      }
    }
  }

  /// Scores from 1e-3 to 700 of either sign, and a zero.
  private static func score(_ random: inout SeededGenerator) -> Double {
    let size = pow(10, random.nextUnit() * 5.8 - 3)
    return random.nextIndex(below: 20) == 0 ? 0 : random.nextIndex(below: 2) == 0 ? size : -size
  }

  @Test(arguments: sets, [false, true])
  func logisticLossEqualsTheCLibrary(instructions: String, weighted: Bool) {
    RowKernels.using(instructions) {
      for rows in Array(1...17) + [300] {
        let scores = Block(rows, 1, seed: rows, Self.score)
        let old = Block(rows, 1, seed: rows, Self.score)
        let targets = Block(rows, 1, seed: 8) { Double($0.nextIndex(below: 2)) }
        let weights = Block(rows, 1, seed: 9) { Double($0.nextIndex(below: 3)) / 2 }
        let curvature = Block(rows, 1, seed: 10)
        defer { [scores, old, targets, weights, curvature].forEach { $0.free() } }
        let (loss, margin, pearson) = RowKernels.logistic(
          scores: scores.start, targets: targets.start, weights: weighted ? weights.start : nil, rows: rows,
          curvature: curvature.start)
        func weight(_ row: Int) -> Double { weighted ? weights[row] : 1 }
        func lead(_ row: Int) -> Double { targets[row] > 0.5 ? old[row] : -old[row] }
        let terms = (0..<rows).map {
          weight($0) * (lead($0) < 0 ? -lead($0) + log1p(exp(lead($0))) : log1p(exp(-lead($0))))
        }
        #expect(isClose(loss, terms))
        #expect(margin == (0..<rows).filter { weight($0) > 0 }.map(lead).min() ?? .infinity)
        #expect(isClose(pearson, (0..<rows).map { weight($0) * exp(-lead($0)) }))
        for row in 0..<rows {
          let residual = (targets[row] > 0.5 ? -1 : 1) * weight(row) / (1 + exp(lead(row)))
          #expect(abs(scores[row] - residual) <= 4e-15 * abs(residual))
          let expected = weight(row) / (1 + exp(-abs(old[row]))) * exp(-abs(old[row])) / (1 + exp(-abs(old[row])))
          #expect(abs(curvature[row] - expected) <= 4e-15 * expected)
        }
        #expect(scores.padding.allSatisfy { $0 == 0 } && curvature.padding.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(arguments: sets, [false, true])
  func poissonLossEqualsTheCLibrary(instructions: String, isFull: Bool) {
    RowKernels.using(instructions) {
      for rows in Array(1...17) + [300] {
        let scores = Block(rows, 1, seed: rows) { $0.nextUnit() * 40 - 30 }
        let old = Block(rows, 1, seed: rows) { $0.nextUnit() * 40 - 30 }
        let targets = Block(rows, 1, seed: 8) { Double($0.nextIndex(below: 9)) }
        let weights = Block(rows, 1, seed: 9) { Double($0.nextIndex(below: 3)) / 2 }
        let offsets = Block(rows, 1, seed: 11)
        let curvature = Block(rows, 1, seed: 10)
        defer { [scores, old, targets, weights, offsets, curvature].forEach { $0.free() } }
        let loss = RowKernels.poisson(
          scores: scores.start, targets: targets.start, weights: isFull ? weights.start : nil,
          offsets: isFull ? offsets.start : nil, rows: rows, curvature: curvature.start)
        func weight(_ row: Int) -> Double { isFull ? weights[row] : 1 }
        func predictor(_ row: Int) -> Double { old[row] + (isFull ? offsets[row] : 0) }
        #expect(
          isClose(
            loss,
            (0..<rows).map { weight($0) * exp(predictor($0)) }
              + (0..<rows).map { -weight($0) * targets[$0] * predictor($0) }))
        for row in 0..<rows {
          let mean = exp(predictor(row))
          #expect(abs(scores[row] - weight(row) * (mean - targets[row])) <= 4e-15 * weight(row) * (mean + targets[row]))
          #expect(abs(curvature[row] - weight(row) * mean) <= 4e-15 * weight(row) * mean)
        }
        #expect(scores.padding.allSatisfy { $0 == 0 } && curvature.padding.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test(arguments: sets, [false, true])
  func softmaxLossEqualsTheCLibrary(instructions: String, weighted: Bool) {
    RowKernels.using(instructions) {
      for rows in Array(1...17) + [300] {
        let classes = 2 + rows % 6
        let scores = Block(rows, classes, seed: rows, Self.score)
        let old = Block(rows, classes, seed: rows, Self.score)
        let targets = Block(rows, 1, seed: 8) { Double($0.nextIndex(below: classes)) }
        let weights = Block(rows, 1, seed: 9) { Double($0.nextIndex(below: 3)) / 2 }
        defer { [scores, old, targets, weights].forEach { $0.free() } }
        let pointer = weighted ? UnsafePointer(weights.start) : nil
        let (loss, margin) = RowKernels.softmax(scores: scores.view, targets: targets.start, weights: pointer)
        func weight(_ row: Int) -> Double { weighted ? weights[row] : 1 }
        var terms: [Double] = []
        var least = Double.infinity
        for row in 0..<rows {
          let own = Int(targets[row])
          let values = (0..<classes).map { old[row, $0] }
          let largest = values.max() ?? 0
          let sum = compensatedSum(values.map { exp($0 - largest) })
          terms += [weight(row) * (largest - values[own]), weight(row) * log(sum)]
          let other = values.indices.filter { $0 != own }.map { values[$0] }.max() ?? 0
          if weight(row) > 0 { least = min(least, values[own] - other) }
          for output in 0..<classes {
            let share = exp(values[output] - largest) / sum
            #expect(abs(scores[row, output] - share) <= 4e-15 * share + 1e-300)
          }
        }
        #expect(isClose(loss, terms))
        #expect(margin == least)
        let shares = (0..<rows * classes).map { scores[$0 % rows, $0 / rows] }
        RowKernels.softmaxResiduals(scores: scores.view, targets: targets.start, weights: pointer)
        for row in 0..<rows {
          for output in 0..<classes {
            let share = shares[output * rows + row]
            #expect(scores[row, output] == weight(row) * (Int(targets[row]) == output ? share - 1 : share))
          }
        }
        for output in 0..<classes {
          #expect((rows..<RowKernels.padded(rows)).allSatisfy { scores[$0, output] == 0 })
        }
      }
    }
  }

  /// The wider registers give the same bits as the narrower.
  @Test func bothVectorWidthsGiveTheSameBits() {
    for (rows, columns) in Self.shapes {
      let bits = ["avx512", "avx2"].compactMap { instructions in
        RowKernels.using(instructions) { () -> [UInt64] in
          let (x, y) = (Block(rows, columns, seed: 1), Block(rows, 3, seed: 2))
          let (square, cross, scores) = (
            Block(columns, columns, seed: 3), Block(columns, 3, seed: 4), Block(rows, columns, seed: 5)
          )
          let targets = Block(rows, 1, seed: 6) { Double($0.nextIndex(below: 2)) }
          let curvature = Block(rows, 1, seed: 7)
          defer { [x, y, square, cross, scores, targets, curvature].forEach { $0.free() } }
          RowKernels.addGram(x.view, into: square.view)
          RowKernels.addProduct(x.view, y.view, into: cross.view)
          RowKernels.scores(x.view, square.start, stride: square.view.leadingDimension, into: scores.view)
          let loss = RowKernels.logistic(
            scores: scores.start, targets: targets.start, weights: nil, rows: rows, curvature: curvature.start)
          let softmax = RowKernels.softmax(scores: scores.view, targets: targets.start, weights: nil)
          let values = [loss.loss, loss.margin, loss.pearson, softmax.loss, softmax.margin]
          return [square, cross, scores, curvature].flatMap { block in
            (0..<block.view.columns).flatMap { column in (0..<block.view.rows).map { block[$0, column].bitPattern } }
          } + values.map(\.bitPattern)
        }
      }
      #expect(bits.count < 2 || bits[0] == bits[1], "\(rows) × \(columns)")
    }
  }
}
