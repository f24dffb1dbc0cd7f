/// A running sum whose error does not grow with the number of terms.
///
/// Neumaier's variant of Kahan's summation (ZAMM 54, 1974): the sum as if in twice the precision, then rounded, as
/// long as the terms do not overflow. NaN and infinities come through as in plain addition.
package struct CompensatedSum: Sendable {
  private var sum = 0.0
  private var compensation = 0.0

  package init() {}

  package mutating func add(_ term: Double) {
    let next = sum + term
    if next.isFinite { compensation += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum }
    sum = next
  }

  /// Adds `left · right` with the rounding error of the product, which a fused multiply-add gives exactly.
  package mutating func addProduct(_ left: Double, _ right: Double) {
    let product = left * right
    add(product)
    if product.isFinite { compensation += (-product).addingProduct(left, right) }
  }

  package var value: Double { sum + compensation }
}

/// The sum of `values` with compensation. O(n).
package func compensatedSum(_ values: some Sequence<Double>) -> Double {
  var sum = CompensatedSum()
  for value in values { sum.add(value) }
  return sum.value
}

/// The sum of `values` by halves, down to runs of 128: error O(log n) roundings, order fixed by the count alone.
package func pairwiseSum(_ values: some RandomAccessCollection<Double>) -> Double {
  if values.count <= 128 { return values.reduce(0, +) }
  let half = values.index(values.startIndex, offsetBy: values.count / 2)
  return pairwiseSum(values[..<half]) + pairwiseSum(values[half...])
}

/// The mean of `values`; NaN when there are none.
package func mean(_ values: some Collection<Double>) -> Double {
  values.isEmpty ? .nan : compensatedSum(values) / Double(values.count)
}

/// The unbiased standard deviation (divisor n − 1), in two passes; NaN for fewer than two values.
package func standardDeviation(_ values: some Collection<Double>) -> Double {
  guard values.count > 1 else { return .nan }
  let centre = mean(values)
  return (compensatedSum(values.lazy.map { ($0 - centre) * ($0 - centre) }) / Double(values.count - 1)).squareRoot()
}
