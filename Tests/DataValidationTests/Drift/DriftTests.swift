import Basics
import DataValidation
import Statistics
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
    try #require(
      try Distribution(Table(columns: [data]).column(0), ProfileDetail(columns: 1), Cancellation()))
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
      let column = Table(columns: [data]).column(0)
      #expect(try Distribution(column, ProfileDetail(columns: 1), Cancellation()) == nil)
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

  /// 40,000 and 30,000 numbers; their profiles go through JSON. Reference, on the numbers themselves: SciPy 1.17 as above, made by
  /// `Fixtures/drift_reference.py`.
  @Test(arguments: [1, 101, 1000]) func profilesAreHeldAgainstEachOther(columns: Int) throws {
    func numbers(_ count: Int, _ seed: UInt64) -> [Double] {
      (0..<count).map { row in
        // Sums of three uniform numbers: integers of up to 53 bits, so that Python finds the same.
        (0..<3).reduce(0.0) { $0 + unitInterval(rowHash(seed: seed + UInt64($1), row: UInt64(row))) }
      }
    }
    func kept(_ values: [Double]) throws -> DataValidation.Distribution {
      let data = Table(columns: [ColumnData("x", .numbers(values))])
      let profile = try TableProfile(data, detail: ProfileDetail(columns: columns), cancellation: Cancellation())
      let read = try #require(TableProfile(json: JSON(parsing: profile.json.canonical)))
      let made = DataValidation.Distribution(read.columns[0])
      return try #require(made)
    }
    let old = try kept(numbers(40_000, 1))
    let new = try kept(numbers(30_000, 11).map { $0 * 1.1 + 0.05 })
    func off(_ statistic: DriftStatistic, _ reference: Double) throws -> Double {
      abs(try #require(statistic.value(of: new, against: old)) - reference)
    }
    // Both ranks are off by at most 1.1 % at 99 %, and by what the points leave out.
    let gap = columns == 1 ? 0.0005 : columns == 101 ? 0.0032 : 0.02
    #expect(try off(.kolmogorovSmirnov, 0.14715833333333328) < 0.022 + 2 * gap)
    #expect(try off(.wasserstein, 0.39481289385389357) < 0.022 + 4 * gap)
    #expect(try off(.psi, 0.13515114367322373) < 0.02 + 4 * gap)
    #expect(try off(.jensenShannon, 0.15495927787083125) < 0.02 + 2 * gap)
  }

  @Test func levelsOfAProfileAreExact() throws {
    let values = (0..<5000).map { "v\($0 * $0 % 97 % 40)" }
    let table = Table(columns: [ColumnData("c", .categories(values))])
    let profile = try TableProfile(table, cancellation: Cancellation())
    let read = try #require(TableProfile(json: JSON(parsing: profile.json.canonical)))
    #expect(read.columns[0].levels?.count ?? 0 > ColumnProfile.valueLimit)
    let made = DataValidation.Distribution(read.columns[0])
    let kept = try #require(made)
    let counted = try distribution(ColumnData("c", .categories(values)))
    #expect(DriftStatistic.chiSquare.value(of: kept, against: counted) == 1)
    #expect(DriftStatistic.psi.value(of: kept, against: counted) == 0)
  }

  @Test func modelsAreAReference() throws {
    let table = Table(columns: [ColumnData("x", .numbers(after))])
    var surroundings = ValidationSurroundings()
    let expectations = try Expectations(json: JSON(parsing: #"{"drift": {"against": "price@production", "ks": 0.2}}"#))
    // Not released yet.
    #expect(try observe(table, expectations, surroundings, cancellation: Cancellation()).isEmpty)
    surroundings.modelProfile = try TableProfile(
      Table(columns: [ColumnData("x", .numbers(before)), ColumnData("y", .numbers(before))]),
      cancellation: Cancellation())
    let found = try observe(table, expectations, surroundings, cancellation: Cancellation())
    #expect(found.map(\.holds) == [false])
    #expect(found.first?.observed["ks"]?.doubleValue.map { abs($0 - 0.3233333333333333) < 1e-9 } == true)
    let named = try Expectations(json: JSON(parsing: #"{"drift": {"against": "price"}}"#))
    #expect(throws: ExpectationError.self) {
      try observe(table, named, surroundings, cancellation: Cancellation())
    }
  }
}
