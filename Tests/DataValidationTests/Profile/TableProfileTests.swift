import Basics
import DataValidation
import Tabular
import Testing

@Suite struct TableProfileTests {
  /// Reference: NumPy 2 `mean`, `std`, `quantile` (linear) and `histogram` of the same values.
  @Test func numbersAgreeWithNumPy() throws {
    let values: [Double?] = [3.5, -2, 7.25, nil, 0, 1e3, 4, 4, -11.5, 2.25, 6]
    let table = Table(columns: [ColumnData("x", .numbers(values))])
    let profile = try TableProfile(table, cancellation: Cancellation()).columns[0]
    #expect((profile.count, profile.missing, profile.distinct?.count) == (11, 1, 9))
    let numbers = try #require(profile.numbers)
    #expect((numbers.min, numbers.max, numbers.mean) == (-11.5, 1000, 101.35))
    #expect(abs(numbers.deviation - 299.59237306713936) < 1e-11)
    let reference = [-11.5, -10.645, -7.225, 0.5625, 3.75, 5.5, 553.2624999999989, 910.6525000000001, 1000]
    for (found, expected) in zip(numbers.quantiles, reference) { #expect(abs(found - expected) < 1e-9) }
    #expect(numbers.histogram == [9, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  }

  @Test func binsAreOfEqualWidthAndHoldTheirLowerEdge() throws {
    let table = Table(columns: [
      ColumnData("x", .integers((0...100).map { Int64($0) })),
      ColumnData("one", .integers([Int64?](repeating: 7, count: 101))),
    ])
    let profile = try TableProfile(table, cancellation: Cancellation())
    #expect(profile.columns[0].numbers?.histogram == [10, 10, 10, 10, 10, 10, 10, 10, 10, 11])
    #expect(profile.columns[1].numbers?.histogram == [101])
    #expect(profile.columns[1].numbers?.deviation == 0)
  }

  @Test func valuesAreOrderedByFrequencyThenBytes() throws {
    let letters = ["b", "a", "c", "a", "b", nil, "d"]
    let table = Table(columns: [
      ColumnData("c", .categories(letters)), ColumnData("b", .booleans([true, nil, true, false, true, true, nil])),
      ColumnData("t", .texts(letters)),
    ])
    let profile = try TableProfile(table, cancellation: Cancellation())
    #expect(profile.columns[0].values.map { "\($0.value)\($0.count)" } == ["a2", "b2", "c1", "d1"])
    #expect((profile.columns[0].missing, profile.columns[0].distinct?.count) == (1, 4))
    #expect(profile.columns[1].values.map { "\($0.value)\($0.count)" } == ["true4", "false1"])
    #expect(profile.columns[1].numbers?.mean == 0.8)
    #expect((profile.columns[2].missing, profile.columns[2].distinct?.count) == (1, 4))
    #expect(profile.columns[2].values == profile.columns[0].values)
    #expect(profile.columns[2].lengths.map { [Double($0.min), Double($0.max), $0.mean] } == [1, 1, 1])
  }

  @Test func countsOnlyTheSelectedRows() throws {
    let table = Table(columns: [
      ColumnData("x", .integers((0..<30_000).map { Int64($0) })),
      ColumnData("c", .categories((0..<30_000).map { "v\($0 % 3)" })),
    ])
    let rows = Array(stride(from: 9, to: 30_000, by: 3))
    let profile = try TableProfile(table, rows: rows, threads: 2, cancellation: Cancellation())
    #expect(profile.rowCount == rows.count)
    #expect(profile.columns[0].numbers?.min == 9)
    #expect(abs(Double(try #require(profile.columns[0].distinct).count) / 9997 - 1) < 0.05)
    #expect(profile.columns[1].values.map { "\($0.value) \($0.count)" } == ["v0 \(rows.count)"])
  }

  @Test func distinctValuesAreEstimatedBeyondTheLimit() throws {
    let table = Table(columns: [
      ColumnData("x", .integers((0..<4097).map { Int64($0) })),
      ColumnData("y", .integers((0..<4097).map { Int64($0 % 4096) })),
    ])
    let columns = try TableProfile(table, cancellation: Cancellation()).columns
    #expect(columns[0].distinct?.isExact == false)
    #expect((columns[1].distinct?.count, columns[1].distinct?.isExact) == (4096, true))
  }

  @Test func jsonIsTheSameForAnyNumberOfThreads() throws {
    let table = Table(columns: [
      ColumnData("x", .numbers([1, 2])), ColumnData("empty", .numbers([nil, nil])),
      ColumnData("c", .categories(["a", "a"])),
    ])
    let json = try TableProfile(table, cancellation: Cancellation()).json.canonical
    #expect(json == (try TableProfile(table, threads: 3, cancellation: Cancellation()).json.canonical))
    #expect(json.hasPrefix(#"{"columns":[{"centiles":[1,1.01,1.02,"#))
    #expect(
      json.hasSuffix(
        #""count":2,"deviation":0.5,"distinct":2,"histogram":[1,0,0,0,0,0,0,0,0,1],"max":2,"mean":1.5,"min":1,"missing":0,"#
          + #""name":"x","points":[[1,2],[1,2]],"quantiles":[[0,1],[0.01,1.01],[0.05,1.05],[0.25,1.25],[0.5,1.5],[0.75,1.75],[0.95,1.95],"#
          + #"[0.99,1.99],[1,2]],"type":"number","zeros":0},{"count":2,"distinct":0,"missing":2,"name":"empty","#
          + #""type":"number"},{"count":2,"distinct":1,"lengths":{"max":1,"mean":1,"min":1},"missing":0,"name":"c","#
          + #""type":"category","values":[{"count":2,"value":"a"}]}],"rows":2,"version":3}"#))
  }

  @Test func unknownColumnIsNamed() throws {
    let table = Table(columns: [ColumnData("x", .integers([1]))])
    #expect(throws: ExpectationError.unknownColumn("y")) {
      try TableProfile(table, columns: ["y"], cancellation: Cancellation())
    }
  }
}
