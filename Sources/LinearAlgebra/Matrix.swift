/// A matrix of doubles in column-major order, a value: element (i, j) is at `i + j * rows`.
package struct Matrix: Sendable, Hashable {
  package let rows: Int
  package let columns: Int
  /// `rows * columns` values, column after column.
  package var elements: [Double]

  /// A matrix of zeros.
  package init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, elements: [Double](repeating: 0, count: rows * columns))
  }

  /// The matrix of these values, column after column. `elements.count == rows * columns`.
  package init(rows: Int, columns: Int, elements: [Double]) {
    precondition(rows >= 0 && columns >= 0 && elements.count == rows * columns, "shape and element count differ")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  package static func identity(_ size: Int) -> Matrix {
    var out = Matrix(rows: size, columns: size)
    for index in 0..<size { out[index, index] = 1 }
    return out
  }

  package subscript(row: Int, column: Int) -> Double {
    get { elements[row + column * rows] }
    set { elements[row + column * rows] = newValue }
  }

  /// The values of one column.
  package func column(_ index: Int) -> ArraySlice<Double> { elements[index * rows..<(index + 1) * rows] }

  package var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }

  /// The part where both ranges meet, copied.
  package subscript(rowRange: Range<Int>, columnRange: Range<Int>) -> Matrix {
    var out: [Double] = []
    out.reserveCapacity(rowRange.count * columnRange.count)
    for column in columnRange {
      let start = column * rows
      out.append(contentsOf: elements[start + rowRange.lowerBound..<start + rowRange.upperBound])
    }
    return Matrix(rows: rowRange.count, columns: columnRange.count, elements: out)
  }

  package var transposed: Matrix {
    var out = Matrix(rows: columns, columns: rows)
    for column in 0..<columns {
      for row in 0..<rows { out[column, row] = self[row, column] }
    }
    return out
  }

  /// `self · other`.
  package func times(_ other: Matrix, transposingSelf: Bool = false) -> Matrix {
    var left = self
    var right = other
    var out = Matrix(rows: transposingSelf ? columns : rows, columns: other.columns)
    left.withView { left in
      right.withView { right in
        out.withView { out in BLAS.gemm(1, left, transposed: transposingSelf, right, into: out, beta: 0) }
      }
    }
    return out
  }

  /// Lends the elements to BLAS and LAPACK.
  package mutating func withView<Result, Failure: Error>(
    _ body: (MatrixView) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (rows, columns) = (rows, columns)
    let leadingDimension = max(1, rows)
    return try lend(&elements) { (start) throws(Failure) in
      try body(MatrixView(start, rows: rows, columns: columns, leadingDimension: leadingDimension))
    }
  }
}

/// Lends the storage of `array`; an empty one lends an address that is never read.
func lend<Result, Failure: Error>(
  _ array: inout [Double], _ body: (UnsafeMutablePointer<Double>) throws(Failure) -> Result
) throws(Failure) -> Result {
  if array.isEmpty {
    var nothing = 0.0
    return try withUnsafeMutablePointer(to: &nothing) { (start) throws(Failure) in try body(start) }
  }
  let outcome = array.withUnsafeMutableBufferPointer { buffer in
    Swift.Result { () throws(Failure) in try body(buffer.baseAddress.unsafelyUnwrapped) }
  }
  return try outcome.get()
}

/// Column-major memory that someone else owns: element (i, j) is at `start + i + j * leadingDimension`.
package struct MatrixView {
  package let start: UnsafeMutablePointer<Double>
  package let rows: Int
  package let columns: Int
  package let leadingDimension: Int

  package init(_ start: UnsafeMutablePointer<Double>, rows: Int, columns: Int, leadingDimension: Int) {
    self.start = start
    self.rows = rows
    self.columns = columns
    self.leadingDimension = leadingDimension
  }

  /// The address of a column's first element.
  package func column(_ index: Int) -> UnsafeMutablePointer<Double> { start + index * leadingDimension }

  /// The window of `count` columns from `first` on.
  package func columns(from first: Int, count: Int) -> MatrixView {
    MatrixView(column(first), rows: rows, columns: count, leadingDimension: leadingDimension)
  }
}
