import Basics
import Testing

@Suite struct ParallelTests {
  private struct Odd: Error, Equatable { var index: Int }

  @Test(arguments: [1, 2, 7]) func resultsStandInOrder(threads: Int) {
    #expect(parallelMap(count: 100, threads: threads) { $0 * $0 } == (0..<100).map { $0 * $0 })
    #expect(parallelMap(count: 0, threads: threads) { $0 } == [])
  }

  @Test(arguments: [1, 2, 7]) func theFirstErrorIsThrown(threads: Int) {
    #expect(throws: Odd(index: 3)) {
      try parallelFor(count: 4, threads: threads) { index throws(Odd) in
        if index == 3 { throw Odd(index: index) }
      }
    }
  }
}
