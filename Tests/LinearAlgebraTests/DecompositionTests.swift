import LinearAlgebra
import Testing

/// Identities that hold for any right decomposition, on a Hilbert-like matrix.
struct DecompositionTests {
  private func sample(_ rows: Int, _ columns: Int) -> Matrix {
    var out = Matrix(rows: rows, columns: columns)
    for column in 0..<columns {
      for row in 0..<rows { out[row, column] = 1 / Double(row + column + 1) + (row == column ? 0.3 : 0) }
    }
    return out
  }

  private func largest(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).map { abs($0 - $1) }.max() ?? 0
  }

  @Test func choleskySolvesAndKnowsTheCondition() throws {
    let matrix = sample(6, 6)
    let factor = try #require(Cholesky(matrix))
    let x: [Double] = [1, -2, 3, 0, 5, -6]
    let right = matrix.times(Matrix(rows: 6, columns: 1, elements: x)).elements
    #expect(largest(factor.solve(right), x) < 1e-12)
    #expect(factor.reciprocalCondition > 0.01)
    #expect(factor.reciprocalCondition < 1)
  }

  @Test func choleskyDoesNotSeeTheUnitsOfColumns() throws {
    var matrix = sample(4, 4)
    let plain = try #require(Cholesky(matrix)).reciprocalCondition
    for index in 0..<4 {
      matrix[0, index] *= 1e12
      matrix[index, 0] *= 1e12
    }
    let scaled = try #require(Cholesky(matrix))
    #expect(abs(scaled.reciprocalCondition - plain) < 1e-12)
  }

  @Test func choleskyRefusesWhatIsNotDefinite() {
    #expect(Cholesky(Matrix(rows: 2, columns: 2, elements: [1, 2, 2, 1])) == nil)
    #expect(Cholesky(Matrix(rows: 1, columns: 1, elements: [.nan])) == nil)
    #expect(Cholesky(Matrix(rows: 0, columns: 0)) != nil)
  }

  @Test func pivotedQRSolvesLeastSquares() {
    // numpy.linalg.lstsq([[1,1],[1,2],[1,3],[1,4]], [6,5,7,10]): 3.5, 1.4
    let matrix = Matrix(rows: 4, columns: 2, elements: [1, 1, 1, 1, 1, 2, 3, 4])
    let factor = PivotedQR(matrix)
    #expect(largest(factor.solve([6, 5, 7, 10]), [3.5, 1.4]) < 1e-13)
    #expect(factor.rank(tolerance: 1e-12) == 2)
    #expect(PivotedQR(Matrix(rows: 3, columns: 2, elements: [1, 2, 3, 2, 4, 6])).rank(tolerance: 1e-12) == 1)
  }

  @Test func triangularFactorHasTheSameGramMatrix() {
    for (rows, columns) in [(7, 4), (3, 5), (1, 1)] {
      let matrix = sample(rows, columns)
      let factor = triangularFactor(of: matrix)
      #expect(factor.rows == min(rows, columns))
      let difference = largest(
        matrix.times(matrix, transposingSelf: true).elements, factor.times(factor, transposingSelf: true).elements)
      #expect(difference < 1e-13)
    }
  }

  @Test(arguments: [(5, 3), (3, 5), (1, 4)]) func singularValuesRebuildTheMatrix(rows: Int, columns: Int) throws {
    let matrix = sample(rows, columns)
    let parts = try SingularValues(matrix)
    var scaled = parts.left
    for column in 0..<scaled.columns {
      for row in 0..<rows { scaled[row, column] *= parts.values[column] }
    }
    #expect(largest(scaled.times(parts.rightTransposed).elements, matrix.elements) < 1e-13)
  }

  @Test func eigenvectorsDiagonalise() throws {
    let matrix = sample(5, 5)
    let parts = try SymmetricEigen(matrix)
    let rotated = parts.vectors.times(matrix.times(parts.vectors), transposingSelf: true)
    for index in 0..<5 { #expect(abs(rotated[index, index] - parts.values[index]) < 1e-13) }
    #expect(parts.values == parts.values.sorted())
  }

  @Test func libraryTellsItsName() {
    #expect(!BLASLibrary.current.identity.isEmpty)
    #expect(BLASLibrary.current.isReference || !BLASLibrary.current.version.isEmpty)
  }
}
