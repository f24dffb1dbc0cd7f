import Basics
import DataValidation
import Statistics
import Synchronization
import Tabular
import Testing

/// One pass, on any threads, in any cut.
@Suite struct ProfilePassTests {
  private static let rowCount = 140_000

  private func table(_ rows: Range<Int>, dictionary: Bool = true) -> Table {
    func unit(_ row: Int, _ seed: UInt64) -> Double { unitInterval(rowHash(seed: seed, row: UInt64(row))) }
    return Table(columns: [
      ColumnData("x", .numbers(rows.map { $0 % 50 == 7 ? nil : unit($0, 1) * 100 })),
      ColumnData("n", .integers(rows.map { Int64(unit($0, 2) * 300) })),
      ColumnData("c", .categories(rows.map { "v\(Int(unit($0, 3) * 40))" })),
      ColumnData("t", .texts(rows.map { "text \(Int(unit($0, 4) * 9000))" })),
    ])
  }

  @Test func groupsInAnyOrderGiveTheProfileOfTheTable() throws {
    let whole = table(0..<Self.rowCount)
    let expected = try TableProfile(whole, threads: 2, cancellation: Cancellation())
    let size = TableProfile.groupRows
    let groups = stride(from: 0, to: Self.rowCount, by: size).map { table($0..<min(Self.rowCount, $0 + size)) }
    for (order, threads) in [([0, 1, 2], 1), ([2, 0, 1], 1), ([2, 1, 0], 3)] {
      let builder = TableProfileBuilder()
      try parallelFor(count: groups.count, threads: threads) { index in
        try builder.observe(group: groups[order[index]], index: order[index], cancellation: Cancellation())
      }
      #expect(builder.profile(whole.schema).json.canonical == expected.json.canonical)
    }
  }

  @Test func columnsThatChangeTheirTypeComeAgain() throws {
    let builder = TableProfileBuilder()
    let first = Table(columns: [ColumnData("x", .integers([1, 2])), ColumnData("y", .integers([1, 2]))])
    try builder.observe(group: first, index: 0, cancellation: Cancellation())
    builder.forget(column: "y")
    let again = Table(columns: [ColumnData("y", .texts(["1", "2"]))])
    try builder.observe(group: again, index: 0, cancellation: Cancellation())
    let second = Table(columns: [ColumnData("x", .numbers([2.5])), ColumnData("y", .texts(["three"]))])
    try builder.observe(group: second, index: 1, cancellation: Cancellation())
    let profile = builder.profile(second.schema)
    #expect(profile.columns.map(\.type) == [.number, .text])
    #expect(profile.columns[0].numbers?.quantiles[4] == 2)
    #expect(profile.columns[1].lengths?.max == 5)
    #expect(profile.rowCount == 3)
  }

  @Test func gapsAreNotPassedOver() throws {
    let builder = TableProfileBuilder()
    let group = Table(columns: [ColumnData("x", .integers([1]))])
    try builder.observe(group: group, index: 1, cancellation: Cancellation())
    #expect(builder.profile(group.schema).columns.isEmpty)
  }

  /// Many numbers in four orders: ranks within the stated error, moments as of compensated sums.
  @Test(arguments: 0..<4) func statedErrorsHoldForMany(shape: Int) throws {
    let count = 150_000
    let values = (0..<count).map { row -> Double in
      let unit = unitInterval(rowHash(seed: 77, row: UInt64(row)))
      return [unit, Double(row), unit * unit * 1e6 - 500, 1e9 + unit][shape]
    }
    let column = try TableProfile(
      Table(columns: [ColumnData("x", .numbers(values))]), cancellation: Cancellation()
    ).columns[0]
    let numbers = try #require(column.numbers)
    let exact = WeightedValues(values.map { ($0, 1) })
    #expect(numbers.rankError == 0.011)
    for (index, found) in numbers.centiles.enumerated() {
      let wanted = Double(index) / 100
      let (low, high) = (Double(exact.count(below: found)) / Double(count), exact.share(upTo: found))
      #expect(low - 2 * numbers.rankError < wanted && wanted < high + 2 * numbers.rankError)
    }
    #expect(abs(numbers.mean / mean(values) - 1) < 1e-12)
    let unbiased = numbers.deviation * (Double(count) / Double(count - 1)).squareRoot()
    #expect(abs(unbiased / standardDeviation(values) - 1) < 1e-9)
    #expect(abs(Double(try #require(column.distinct).count) / Double(Set(values).count) - 1) < 0.05)
    #expect((numbers.min, numbers.max) == (values.min(), values.max()))
  }

  @Test func profilesOfVersionOneAreRead() throws {
    let text =
      #"{"columns":[{"count":2,"deviation":0.5,"distinct":2,"histogram":[1,1],"max":2,"mean":1.5,"min":1,"missing":0,"#
      + #""name":"x","quantiles":[[0,1],[0.01,1.01],[0.05,1.05],[0.25,1.25],[0.5,1.5],[0.75,1.75],[0.95,1.95],"#
      + #"[0.99,1.99],[1,2]],"type":"number"},{"count":2,"distinct":null,"missing":0,"name":"t","type":"text"}],"rows":2,"version":1}"#
    let profile = try #require(TableProfile(json: JSON(parsing: text)))
    #expect(profile.columns[0].numbers?.centiles[50] == 1.5)
    #expect(abs(try #require(profile.columns[0].numbers).centiles[33] - 1.33) < 1e-12)
    #expect(profile.columns[1].distinct == nil)
    #expect(TableProfile(json: ["version": 3, "rows": 0, "columns": []]) == nil)
    #expect(TableProfile(json: "text") == nil)
  }

  @Test func jsonReadsBack() throws {
    let profile = try TableProfile(table(0..<5000), target: "c", cancellation: Cancellation())
    #expect(TableProfile(json: profile.json)?.json == profile.json)
    let parsed = try JSON(parsing: profile.json.canonical)
    #expect(TableProfile(json: parsed)?.json.canonical == profile.json.canonical)
  }
}
