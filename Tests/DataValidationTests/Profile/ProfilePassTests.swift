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

  private func shown(_ table: Table, groups: Int, threads: Int) throws -> TableProfile {
    let builder = TableProfileBuilder(cancellation: Cancellation())
    builder.begin(table.schema.fields.enumerated().map { (position: $0.offset, field: $0.element) })
    for start in stride(from: 0, to: table.rowCount, by: groups) {
      let group = self.table(start..<min(table.rowCount, start + groups))
      try parallelFor(count: group.schema.fields.count, threads: threads) { index in
        try builder.observe(group.column(index), at: index, firstRow: start)
      }
    }
    // As in the table: every group holds all levels.
    let levels = table.column(2).dictionary
    builder.settle(levels, positions: Array(0..<Int32(levels.count)), at: 2)
    return builder.profile(threads: threads)
  }

  @Test(arguments: [1, 3]) func groupsGiveTheProfileOfTheTable(threads: Int) throws {
    let whole = table(0..<Self.rowCount)
    let expected = try TableProfile(whole, threads: 2, cancellation: Cancellation())
    let found = try shown(whole, groups: TableProfile.groupRows, threads: threads)
    #expect(found.json.canonical == expected.json.canonical)
    #expect(found == expected)
  }

  @Test func columnsThatChangeTheirTypeComeAgain() throws {
    let builder = TableProfileBuilder(cancellation: Cancellation())
    builder.begin([(0, Field(name: "x", type: .number)), (1, Field(name: "y", type: .integer))])
    let first = Table(columns: [ColumnData("x", .numbers([1, 2])), ColumnData("y", .integers([1, 2]))])
    for index in 0..<2 { try builder.observe(first.column(index), at: index, firstRow: 0) }
    builder.begin([(1, Field(name: "y", type: .text))])
    let again = Table(columns: [ColumnData("y", .texts(["1", "three"]))])
    try builder.observe(again.column(0), at: 1, firstRow: 0)
    let profile = builder.profile()
    #expect(profile.columns.map(\.type) == [.number, .text])
    #expect(profile.columns[0].numbers?.quantiles[4] == 1.5)
    #expect(profile.columns[1].lengths?.max == 5)
    #expect(profile.rowCount == 2)
  }

  @Test func codesMeanWhatIsSettledInTheEnd() throws {
    let builder = TableProfileBuilder(cancellation: Cancellation())
    builder.begin([(0, Field(name: "c", type: .category))])
    let codes = Table(columns: [ColumnData("c", .categories(["a", "b", "b", nil, "c"]))])
    try builder.observe(codes.column(0), at: 0, firstRow: 0)
    builder.settle(["x", "y", "z"], positions: [2, 0, 1], at: 0)
    let column = builder.profile().columns[0]
    #expect(column.values.map(\.value) == ["x", "y", "z"])
    #expect(column.values.map(\.count) == [2, 1, 1])
    #expect(column.missing == 1)
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
    // The distribution function that is kept says the same within what its points leave out.
    #expect(numbers.points.values.count <= 2048)
    for value in stride(from: 0, to: count, by: 1009).map({ values[$0] }) {
      let gap = abs(numbers.points.share(upTo: value) - exact.share(upTo: value))
      #expect(gap < 2 * numbers.rankError + numbers.pointGap)
    }
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
    #expect(TableProfile(json: ["version": 4, "rows": 0, "columns": []]) == nil)
    #expect(TableProfile(json: "text") == nil)
  }

  @Test func jsonReadsBack() throws {
    let profile = try TableProfile(table(0..<5000), target: "c", cancellation: Cancellation())
    #expect(TableProfile(json: profile.json)?.json == profile.json)
    #expect(profile.canonicalBytes(threads: 3) == profile.json.canonicalBytes)
    let parsed = try JSON(parsing: profile.json.canonical)
    #expect(TableProfile(json: parsed)?.json.canonical == profile.json.canonical)
  }
}
