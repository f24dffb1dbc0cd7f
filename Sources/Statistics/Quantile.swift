/// The quantile of values in ascending order, type 7 of Hyndman and Fan (1996), the default of R and NumPy: linear
/// interpolation at position (n − 1)·p. NaN for no values; `probability` is held to 0...1.
package func quantile(sorted values: some RandomAccessCollection<Double>, _ probability: Double) -> Double {
  guard !values.isEmpty, !probability.isNaN else { return .nan }
  let position = Double(values.count - 1) * min(1, max(0, probability))
  let below = Int(position)
  let index = values.index(values.startIndex, offsetBy: below)
  let lower = values[index]
  let fraction = position - Double(below)
  guard fraction > 0 else { return lower }
  let upper = values[values.index(after: index)]
  // Where the neighbours are equal (infinities too) nothing is added.
  return upper == lower ? lower : lower + fraction * (upper - lower)
}

/// The median of values in any order; NaN for none. O(n log n).
package func median(_ values: some Sequence<Double>) -> Double { quantile(sorted: values.sorted(), 0.5) }
