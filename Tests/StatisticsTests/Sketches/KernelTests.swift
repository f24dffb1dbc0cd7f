import Statistics
import Testing

/// What kernels give is what plain loops give, with every set of instructions that the machine has, to the bit.
@Suite struct KernelTests {
  private static let sizes = [1, 2, 7, 15, 16, 17, 31, 100, 511, 512, 513, 2048, 5000]

  private func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { row in
      row % 11 == 3 ? (row % 2 == 0 ? 0 : -0.0) : (generator.nextUnit() - 0.4) * 1e3
    }
  }

  private func withEverySet<Result: Equatable>(_ body: () -> Result) throws -> Result {
    let baseline = SketchKernels.using("baseline", body)
    let expected = try #require(baseline)
    for name in ["avx2", "avx512"] {
      if let found = SketchKernels.using(name, body) { #expect(found == expected, "\(name)") }
    }
    return expected
  }

  @Test func extentsAndMomentsAreThoseOfLoops() throws {
    for (seed, size) in Self.sizes.enumerated() {
      let values = numbers(size, seed: UInt64(seed))
      let extent = try withEverySet { values.withUnsafeBufferPointer { Extent($0) } }
      #expect(extent.minimum == values.min())
      #expect(extent.maximum == values.max())
      #expect(extent.zeros == values.count { $0 == 0 })
      let moments = try withEverySet { values.withUnsafeBufferPointer { Moments($0) } }
      #expect(abs(moments.mean - mean(values)) < 1e-9)
      let squares = values.reduce(0) { $0 + ($1 - mean(values)) * ($1 - mean(values)) }
      #expect(abs(moments.deviation - (squares / Double(size)).squareRoot()) < 1e-9)
    }
  }

  @Test func registersAreThoseOfSingleHashes() throws {
    for (seed, size) in (Self.sizes + [200_000]).enumerated() {
      let values = numbers(size, seed: UInt64(100 + seed))
      var expected = HyperLogLog()
      for value in values { expected.insert(hash: valueHash(valueBits(value))) }
      let found = try withEverySet {
        var sketch = HyperLogLog()
        for start in stride(from: 0, to: values.count, by: 2000) {
          values[start..<min(values.count, start + 2000)].withUnsafeBufferPointer { sketch.insert($0) }
        }
        return sketch
      }
      #expect(found == expected)
    }
  }

  @Test func numbersAreSorted() {
    for (seed, size) in (Self.sizes + [127, 128, 129, 2047, 20_000]).enumerated() {
      for shape in 0..<5 {
        var values = numbers(size, seed: UInt64(200 + seed)).enumerated().map { index, value -> Double in
          switch shape {
          case 0: value
          case 1: Double(index % 3)
          case 2: 1 + value * 1e-18
          case 3: value * 1e300
          default: -Double(size - index)
          }
        }
        let expected = values.sorted()
        sortNumbers(&values)
        #expect(values == expected, "shape \(shape) of \(size)")
      }
    }
  }
}
