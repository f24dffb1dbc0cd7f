import CKernels
import Testing

/// What the kernels of columns give with every set of instructions that the machine has is what plain loops give, to the bit.
@Suite struct ColumnKernelTests {
  private static let sizes = [0, 1, 7, 8, 9, 64, 67, 1000]

  private func withEverySet(_ body: (String) -> Void) {
    for name in ["baseline", "avx2", "avx512"] where ckernels_use(name) != 0 { body(name) }
    _ = ckernels_use(nil)
  }

  /// Numbers with gaps, ends of the bracket below, and a hash of their places.
  private func numbers(_ count: Int) -> [Double] {
    (0..<count).map { index in
      switch index % 13 {
      case 3: .nan
      case 5: -0.25
      case 9: 0.5
      default: Double((index &* 2_654_435_769) % 1000) / 500 - 1
      }
    }
  }

  @Test func encodingIsThatOfALoop() {
    for size in Self.sizes {
      let values = numbers(size + 10)
      // Places in a window that begins at row 100, ascending.
      let rows = (0..<size).map { 100 + $0 + $0 / 7 }.filter { $0 < 100 + values.count }
      for standIn in [0.125, .nan] {
        let change = ckernels_change(stand_in: standIn, offset: 0.3, factor: 1.7)
        func encoded(_ value: Double) -> Double { ((value.isNaN ? standIn : value) - 0.3) * 1.7 }
        let expected = rows.map { encoded(values[$0 - 100]) }
        let whole = values.map(encoded)
        withEverySet { name in
          var out = [Double](repeating: 0, count: rows.count)
          var mask = [UInt8](repeating: 0xAA, count: (values.count + 7) / 8)
          ckernels_mask(rows, 100, rows.count, &mask, mask.count)
          let isFinite = rows.withUnsafeBufferPointer { rows in
            mask.withUnsafeBufferPointer { mask in
              var picks = ckernels_picks(rows: rows.baseAddress, first: 100, count: rows.count, mask: mask.baseAddress)
              return ckernels_encode(values, &picks, values.count, change, &out, values)
            }
          }
          #expect(out.map(\.bitPattern) == expected.map(\.bitPattern), "\(name), \(size)")
          #expect((isFinite != 0) == expected.allSatisfy(\.isFinite), "\(name), \(size)")
          var all = [Double](repeating: 0, count: values.count)
          _ = ckernels_encode(values, nil, values.count, change, &all, nil)
          #expect(all.map(\.bitPattern) == whole.map(\.bitPattern), "\(name), \(size)")
        }
      }
    }
  }

  @Test func bracketsCountAndKeepAsALoopDoes() {
    for size in Self.sizes {
      let values = numbers(size)
      let (low, high) = (-0.25, 0.5)
      let inside = values.filter { $0 > low && $0 < high }
      let expected = [
        values.count { $0 < low }, values.count { $0 == low }, values.count { $0 == high }, values.count { $0 > high },
      ]
      withEverySet { name in
        var counts = [0, 0, 0, 0]
        var room = [Double](repeating: 0, count: size + 1)
        let found = ckernels_bracket(values, size, low, high, &room, &counts)
        #expect(Array(room[..<found]) == inside, "\(name), \(size)")
        #expect(counts == expected, "\(name), \(size)")
      }
    }
  }

  @Test func picksAreThoseOfALoopAlsoInPlace() {
    for size in Self.sizes {
      let values = numbers(size)
      for rows in [[], Array(0..<size), (0..<size).filter { $0 % 7 != 3 }, (0..<size).filter { $0 % 11 == 5 }] {
        let expected = rows.map { values[$0].bitPattern }
        withEverySet { name in
          var mask = [UInt8](repeating: 0xAA, count: (size + 7) / 8)
          ckernels_mask(rows, 0, rows.count, &mask, mask.count)
          var out = [Double](repeating: 0, count: size)
          #expect(ckernels_pick(values, mask, size, &out) == rows.count, "\(name), \(size)")
          #expect(out[..<rows.count].map(\.bitPattern) == expected, "\(name), \(size)")
          var same = values
          same.withUnsafeMutableBufferPointer { same in
            _ = ckernels_pick(UnsafePointer(same.baseAddress), mask, size, same.baseAddress)
          }
          #expect(same[..<rows.count].map(\.bitPattern) == expected, "\(name), \(size)")
        }
      }
    }
  }

  @Test func surveysAreThoseOfALoopAndTheSameEverywhere() {
    for size in Self.sizes {
      for values in [numbers(size), [Double](repeating: .nan, count: size), numbers(size).map { -$0 * 1e300 }] {
        let present = values.filter { !$0.isNaN }
        // Eight sums, of every eighth number each, by pairs.
        func inLanes(_ term: (Double) -> Double) -> Double {
          var lanes = [Double](repeating: 0, count: 8)
          for (index, value) in values.enumerated() where !term(value).isNaN { lanes[index % 8] += term(value) }
          return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
        }
        let expected = inLanes { $0 }
        let squares = inLanes { (($0.isNaN ? 0.125 : $0) - 0.3) / 1.7 * ((($0.isNaN ? 0.125 : $0) - 0.3) / 1.7) }
        withEverySet { name in
          var (sum, least, greatest) = (0.0, 0.0, 0.0)
          let count = ckernels_survey(values, size, &sum, &least, &greatest)
          #expect(count == present.count, "\(name), \(size)")
          #expect(sum == expected, "\(name), \(size)")
          #expect(least == present.min() ?? .infinity, "\(name), \(size)")
          #expect(greatest == present.max() ?? -.infinity, "\(name), \(size)")
          #expect(ckernels_deviations(values, size, 0.125, 0.3, 1.7) == squares, "\(name), \(size)")
        }
      }
    }
  }
}
