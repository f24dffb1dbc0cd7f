import Basics
import DataValidation
import Tabular
import Testing

/// Reference: SciPy 1 `ks_2samp`, `wasserstein_distance` over NumPy `std`, `jensenshannon(base=2)`, `chi2_contingency(correction=False)`, and the
/// index by its formula in NumPy over bins between `quantile` of the reference.
@Suite struct DriftTests {
  private let before = (0..<200).map { Double($0 * 37 % 101) / 10 }
  private let after = (0..<150).map { index in
    let value = Double(index * 53 % 89) / 10
    return value * value / 4 + 1
  }

  private func distribution(_ data: ColumnData) throws -> DataValidation.Distribution {
    try #require(try Distribution(Table(columns: [data]).column(0), Cancellation()))
  }

  @Test(arguments: [
    (DriftStatistic.psi, 1.3235441404192647), (.jensenShannon, 0.39878070918874475),
    (.kolmogorovSmirnov, 0.3233333333333333), (.wasserstein, 0.9105863824278534),
  ])
  func numbersAgreeWithSciPy(statistic: DriftStatistic, reference: Double) throws {
    let old = try distribution(ColumnData("x", .numbers(before)))
    let new = try distribution(ColumnData("x", .numbers(after)))
    #expect(abs(try #require(statistic.value(of: new, against: old)) - reference) < 1e-9)
    #expect(statistic.value(of: old, against: old) == 0)
    #expect(DriftStatistic.chiSquare.value(of: new, against: old) == nil)
  }

  @Test(arguments: [
    (DriftStatistic.psi, 0.7934921291233693), (.jensenShannon, 0.2618023602748182), (.chiSquare, 0.0017241170019374162),
  ])
  func levelsAgreeWithSciPy(statistic: DriftStatistic, reference: Double) throws {
    func levels(_ counts: [Int]) -> ColumnData {
      ColumnData("c", .categories(zip(["a", "b", "c", "d"], counts).flatMap { [String?](repeating: $0, count: $1) }))
    }
    let old = try distribution(levels([50, 30, 20, 0]))
    let new = try distribution(levels([40, 20, 30, 10]))
    #expect(abs(try #require(statistic.value(of: new, against: old)) - reference) < 1e-12)
    #expect(DriftStatistic.kolmogorovSmirnov.value(of: new, against: old) == nil)
  }

  @Test func textsAndNothingHaveNoDistribution() throws {
    for data in [ColumnData("t", .texts(["a"])), ColumnData("x", .numbers([nil]))] {
      #expect(try Distribution(Table(columns: [data]).column(0), Cancellation()) == nil)
    }
  }

  @Test func constantsDriftByAnyChange() throws {
    let old = try distribution(ColumnData("x", .numbers([2, 2])))
    let new = try distribution(ColumnData("x", .numbers([3, 3])))
    #expect(DriftStatistic.wasserstein.value(of: new, against: old) == .infinity)
    #expect(DriftStatistic.kolmogorovSmirnov.value(of: new, against: old) == 1)
  }

  @Test func everyColumnIsTold() throws {
    func cycle(_ count: Int) -> [Double?] { (0..<count).map { Double($0 % 50) } }
    let table = Table(columns: [ColumnData("x", .numbers(after)), ColumnData("same", .numbers(cycle(150)))])
    var surroundings = ValidationSurroundings()
    surroundings.tables["old"] = Table(columns: [
      ColumnData("x", .numbers(before)), ColumnData("same", .numbers(cycle(200))),
    ])
    let rule = #"{"drift": {"against": "old", "ks": 0.2, "psi": 2, "severity": "warn"}}"#
    let found = try observe(
      table, Expectations(json: JSON(parsing: rule)), surroundings, cancellation: Cancellation())
    #expect(found.map(\.holds) == [true, false, true, true])
    #expect(found[1].finding?.severity == .warn)
    #expect(
      found[1].finding?.message
        == "column 'x' has drifted: the Kolmogorov–Smirnov distance is 0.3233, expected at most 0.2")
    // Without anything to compare with there is nothing to tell.
    #expect(try observe(table, Expectations(json: ["drift": ["psi": 0.1]]), cancellation: Cancellation()).isEmpty)
  }
}
