import Basics
import LinearAlgebra
import Statistics
import Testing

@testable import Learning

/// Fits of so many rows that there are samples of blocks and leaves of several: 66 blocks.
struct ManyBlocksTests {
  /// Rows in memory, copied without a look at each value: tests run unoptimised.
  private struct Rows: DesignSource {
    let values: [Double]
    let targets: [Double]
    var rowCount: Int { targets.count }
    var columnCount: Int { values.count / targets.count }

    func readDesign(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int) {
      for column in 0..<columnCount {
        copy(values, column * rowCount + rows.lowerBound, rows.count, to: out, column * leadingDimension)
      }
    }

    func readTargets(_ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>) {
      copy(targets, rows.lowerBound, rows.count, to: out, 0)
    }

    private func copy(
      _ from: [Double], _ start: Int, _ count: Int, to out: UnsafeMutableBufferPointer<Double>, _ place: Int
    ) {
      from.withUnsafeBufferPointer { from in
        guard let source = from.baseAddress, let target = out.baseAddress else { return }
        (target + place).update(from: source + start, count: count)
      }
    }
  }

  /// Columns without much sense: sequences that fill [−1, 1] evenly. Numbers are cheap this way.
  private static func sequence(_ step: Double, _ count: Int) -> [Double] {
    var out = [Double](repeating: 0, count: count)
    var value = 0.3
    for index in 0..<count {
      value += step
      if value > 1 { value -= 2 }
      out[index] = value
    }
    return out
  }

  private static func rows(_ objective: Objective, count: Int, columns: Int) -> Rows {
    let steps = [
      0.754877666, 0.569840291, 0.819172513, 0.671043607, 0.549700478, 0.856674884, 0.733891857, 0.628706721,
      0.538597286,
    ]
    let values = (0..<columns).map { sequence(steps[$0], count) }
    let noise = sequence(0.618033989, count)
    let targets = (0..<count).map { row -> Double in
      let score = values[0][row] - values[1][row] / 2 + 2 * noise[row]
      switch objective {
      case .linear: return score
      case .logistic: return score > 0.3 ? 1 : 0
      case .poisson: return max(0, (2 * score).rounded())
      case .multinomial(let classes): return Double(min(classes - 1, max(0, Int((score + 2.5) / 5 * Double(classes)))))
      }
    }
    return Rows(values: values.flatMap { $0 }, targets: targets)
  }

  private static let cases: [(Objective, Penalty, columns: Int, rows: Int)] = [
    (.linear, Penalty(l2: 0.01), 3, 66 * 4096 - 77),
    (.linear, Penalty(l1: 0.01), 3, 66 * 4096 - 77),
    (.logistic, Penalty(), 3, 66 * 4096 - 77),
    (.logistic, Penalty(l1: 0.01, l2: 0.01), 3, 41 * 4096 + 5),
    (.poisson, Penalty(l2: 0.1), 3, 66 * 4096 - 77),
    // Wide enough for Hessians of a part of the rows.
    (.multinomial(classes: 5), Penalty(l2: 0.001), 9, 41 * 4096 + 5),
  ]

  @Test(arguments: 0..<6)
  func bitsDoNotDependOnThreadsOrMemory(place: Int) throws {
    let (objective, penalty, columns, count) = Self.cases[place]
    let rows = Self.rows(objective, count: count, columns: columns)
    let settings = FitSettings(objective: objective, penalty: penalty)
    let one = try fit(rows, settings, cancellation: never)
    #expect(one.converged)
    for (threads, memory) in [(2, 0), (3, 1 << 30)] {
      var other = settings
      (other.threads, other.memory) = (threads, memory)
      #expect(try fit(rows, other, cancellation: never) == one, "\(threads) threads, \(memory) bytes")
    }
  }
}
