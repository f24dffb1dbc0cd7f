/// The rows of a block as plain pointers, valid as long as the block.
struct SparseView {
  let rowCount: Int
  let starts: UnsafePointer<Int>
  let columns: UnsafePointer<Int32>
  let values: UnsafePointer<Double>

  init(_ block: SparseBlock) {
    rowCount = block.rowCount
    starts = UnsafePointer(block.starts)
    columns = UnsafePointer(block.columns)
    values = UnsafePointer(block.values)
  }
}

/// The loops over the entries of a block. Vectors of columns hold `outputs` numbers a column, those of rows as many a row.
///
/// Plain IEEE products and sums in an order that the data fix. Indices are checked nowhere: blocks hold column numbers
/// below the width that `SparseRows` gave them.
extension SparseView {
  /// Σ value · vector[column] over the entries of a row, in four interleaved sums.
  @inline(__always)
  private func product(_ row: Int, _ vector: UnsafePointer<Double>) -> Double {
    var at = starts[row]
    let end = starts[row + 1]
    var first = 0.0
    var second = 0.0
    var third = 0.0
    var fourth = 0.0
    while at &+ 4 <= end {
      first += values[at] * vector[Int(columns[at])]
      second += values[at &+ 1] * vector[Int(columns[at &+ 1])]
      third += values[at &+ 2] * vector[Int(columns[at &+ 2])]
      fourth += values[at &+ 3] * vector[Int(columns[at &+ 3])]
      at = at &+ 4
    }
    while at < end {
      first += values[at] * vector[Int(columns[at])]
      at = at &+ 1
    }
    return (first + second) + (third + fourth)
  }

  /// vector[column] += factor · value over the entries of a row.
  @inline(__always)
  private func addRow(_ row: Int, _ factor: Double, to vector: UnsafeMutablePointer<Double>) {
    var at = starts[row]
    let end = starts[row + 1]
    while at < end {
      vector[Int(columns[at])] += factor * values[at]
      at = at &+ 1
    }
  }

  /// out[row] = X·vector + shift.
  func multiply(
    _ vector: UnsafePointer<Double>, outputs: Int, shift: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>
  ) {
    if outputs == 1 {
      for row in 0..<rowCount { out[row] = product(row, vector) + shift[0] }
      return
    }
    for row in 0..<rowCount {
      let sums = out + row * outputs
      sums.update(from: shift, count: outputs)
      for entry in starts[row]..<starts[row + 1] {
        let (value, place) = (values[entry], vector + Int(columns[entry]) * outputs)
        for output in 0..<outputs { sums[output] += value * place[output] }
      }
    }
  }

  /// sums += Xᵀ·factors and totals += Σ factors.
  func multiplyTransposed(
    _ factors: UnsafePointer<Double>, outputs: Int, to sums: UnsafeMutablePointer<Double>,
    totals: UnsafeMutablePointer<Double>
  ) {
    if outputs == 1 {
      var total = 0.0
      for row in 0..<rowCount {
        addRow(row, factors[row], to: sums)
        total += factors[row]
      }
      totals[0] += total
      return
    }
    for row in 0..<rowCount { addRow(row, factors + row * outputs, outputs, to: sums, totals: totals) }
  }

  private func addRow(
    _ row: Int, _ factors: UnsafePointer<Double>, _ outputs: Int, to sums: UnsafeMutablePointer<Double>,
    totals: UnsafeMutablePointer<Double>
  ) {
    for entry in starts[row]..<starts[row + 1] {
      let (value, place) = (values[entry], sums + Int(columns[entry]) * outputs)
      for output in 0..<outputs { place[output] += value * factors[output] }
    }
    for output in 0..<outputs { totals[output] += factors[output] }
  }

  /// Gradient and diagonal of the Hessian in one reading: pairs[2·column] += factor·value and pairs[2·column + 1] +=
  /// curvature·value², with the totals of factors and curvatures. One output.
  func multiplyTransposed(
    _ factors: UnsafePointer<Double>, curvatures: UnsafePointer<Double>, pairs: UnsafeMutablePointer<Double>,
    totals: UnsafeMutablePointer<Double>
  ) {
    var total = 0.0
    var curvature = 0.0
    for row in 0..<rowCount {
      let (factor, square) = (factors[row], curvatures[row])
      var at = starts[row]
      let end = starts[row + 1]
      while at < end {
        let place = pairs + 2 &* Int(columns[at])
        let value = values[at]
        place[0] += factor * value
        place[1] += square * value * value
        at = at &+ 1
      }
      total += factor
      curvature += square
    }
    totals[0] += total
    totals[1] += curvature
  }

  /// The same for the softmax: the curvature of an output with probability p is v·p·(1 − p).
  func multiplyTransposed(
    _ factors: UnsafePointer<Double>, probabilities: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    outputs: Int, pairs: UnsafeMutablePointer<Double>, totals: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<rowCount {
      let (slopes, shares) = (factors + row * outputs, probabilities + row * outputs)
      for entry in starts[row]..<starts[row + 1] {
        let (value, place) = (values[entry], pairs + 2 * Int(columns[entry]) * outputs)
        for output in 0..<outputs {
          place[2 * output] += slopes[output] * value
          place[2 * output + 1] += weights[row] * shares[output] * (1 - shares[output]) * value * value
        }
      }
      for output in 0..<outputs {
        totals[2 * output] += slopes[output]
        totals[2 * output + 1] += weights[row] * shares[output] * (1 - shares[output])
      }
    }
  }

  /// The Hessian's product with a vector in one reading: products[row] = X·vector + shift, then sums += Xᵀ·(curvature ·
  /// products) and totals += Σ curvature · products. One output.
  func multiplyTwice(
    _ vector: UnsafePointer<Double>, shift: Double, curvatures: UnsafePointer<Double>,
    products: UnsafeMutablePointer<Double>, sums: UnsafeMutablePointer<Double>, totals: UnsafeMutablePointer<Double>
  ) {
    var total = 0.0
    for row in 0..<rowCount {
      let product = product(row, vector) + shift
      products[row] = product
      let factor = curvatures[row] * product
      addRow(row, factor, to: sums)
      total += factor
    }
    totals[0] += total
  }

  /// The same for the softmax: the factors of a row with probabilities p and weight v are v·p·(s − p·s), s its products.
  func multiplyTwice(
    _ vector: UnsafePointer<Double>, outputs: Int, shift: UnsafePointer<Double>, probabilities: UnsafePointer<Double>,
    weights: UnsafePointer<Double>, products: UnsafeMutablePointer<Double>, sums: UnsafeMutablePointer<Double>,
    totals: UnsafeMutablePointer<Double>
  ) {
    multiply(vector, outputs: outputs, shift: shift, into: products)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: outputs) { factors in
      guard let start = factors.baseAddress else { return }
      factors.initialize(repeating: 0)
      for row in 0..<rowCount {
        let (shares, scores) = (probabilities + row * outputs, products + row * outputs)
        var mean = 0.0
        for output in 0..<outputs { mean += shares[output] * scores[output] }
        for output in 0..<outputs { start[output] = weights[row] * shares[output] * (scores[output] - mean) }
        addRow(row, start, outputs, to: sums, totals: totals)
      }
    }
  }

  /// gram += Σ curvature · h·hᵀ over the rows, upper triangle, where h holds a row's first `count` columns and a 1 behind
  /// them; column-major with `count + 1` rows. `scratch` holds as many numbers and positions.
  func addGram(
    columns count: Int, curvatures: UnsafePointer<Double>, stride: Int, to gram: UnsafeMutablePointer<Double>,
    positions: UnsafeMutablePointer<Int>, numbers: UnsafeMutablePointer<Double>
  ) {
    let size = count + 1
    for row in 0..<rowCount {
      var found = 0
      for entry in starts[row]..<starts[row + 1] where Int(columns[entry]) < count {
        // In the order of the columns, so that pairs lie in the upper triangle.
        var at = found
        let column = Int(columns[entry])
        while at > 0, positions[at - 1] > column {
          positions[at] = positions[at - 1]
          numbers[at] = numbers[at - 1]
          at -= 1
        }
        positions[at] = column
        numbers[at] = values[entry]
        // A row may name a column as often as it has entries, which is more than there is room for.
        if found < count { found += 1 }
      }
      positions[found] = count
      numbers[found] = 1
      let curvature = curvatures[row * stride]
      for second in 0...found {
        let (factor, place) = (curvature * numbers[second], gram + positions[second] * size)
        for first in 0...second { place[positions[first]] += factor * numbers[first] }
      }
    }
  }
}
