import Statistics
import Testing

@Suite struct DoubleSortingTests {
  private static func numbers(_ count: Int) -> [Double] {
    var generator = SeededGenerator(seed: UInt64(count))
    let values = (0..<count).map { _ in Double(bitPattern: generator.next()) }.map { $0.isNaN ? 1 : $0 }
    return values + [0, Double.leastNonzeroMagnitude, -Double.leastNonzeroMagnitude, .infinity, -.infinity, 1.7e308]
  }

  @Test(arguments: [0, 1, 255, 256, 5000]) func sortsAsComparingDoes(count: Int) {
    var values = Self.numbers(count)
    let sorted = values.sorted()
    sortNumbers(&values)
    #expect(values == sorted)
  }

  @Test(arguments: [0, 1, 255, 256, 5000]) func ordersAsComparingDoes(count: Int) {
    let values = Self.numbers(count)
    #expect(ascendingOrder(of: values) == values.indices.sorted { (values[$0], $0) < (values[$1], $1) })
  }

  /// Ties stand as they came, also where neighbours have to be compared and where all bits are gone through.
  @Test(arguments: [1.0, 1e-12, 3e-15]) func equalNumbersKeepTheirOrder(step: Double) {
    var generator = SeededGenerator(seed: 3)
    let values = (0..<4000).map { _ in 1 + step * Double(generator.next() % 500) }
    #expect(ascendingOrder(of: values) == values.indices.sorted { (values[$0], $0) < (values[$1], $1) })
  }
}
