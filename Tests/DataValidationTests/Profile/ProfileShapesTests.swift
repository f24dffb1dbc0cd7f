import Basics
import DataValidation
import Tabular
import Testing

private func profile(_ columns: ColumnData..., target: String? = nil, rows: [Int]? = nil) throws -> TableProfile {
  try TableProfile(Table(columns: columns), rows: rows, target: target, cancellation: Cancellation())
}

/// Columns that break careless code.
@Suite struct ProfileShapesTests {
  @Test func noRows() throws {
    let columns = try profile(
      ColumnData("x", .numbers([])), ColumnData("c", .categories([])), ColumnData("t", .texts([]))
    ).columns
    #expect(columns.allSatisfy { $0.count == 0 && $0.missing == 0 && $0.numbers == nil && $0.distinct?.count == 0 })
  }

  @Test func oneRow() throws {
    let numbers = try #require(try profile(ColumnData("x", .numbers([-3]))).columns[0].numbers)
    #expect((numbers.min, numbers.max, numbers.mean, numbers.deviation) == (-3, -3, -3, 0))
    #expect(numbers.quantiles == [Double](repeating: -3, count: 9))
    #expect(numbers.histogram == [1])
  }

  @Test func allMissing() throws {
    let none = [Double?](repeating: nil, count: 70_000)
    let column = try profile(ColumnData("x", .numbers(none)), target: "x").columns[0]
    #expect((column.missing, column.numbers == nil, column.distinct?.count) == (70_000, true, 0))
  }

  @Test func constant() throws {
    let column = try profile(ColumnData("x", .numbers([Double?](repeating: 0.1, count: 200_000)))).columns[0]
    let numbers = try #require(column.numbers)
    #expect((numbers.mean, numbers.deviation, numbers.rankError) == (0.1, 0, 0))
    #expect(numbers.histogram == [200_000])
    #expect((column.distinct?.count, column.distinct?.isExact) == (1, true))
  }

  @Test func hugeNumbers() throws {
    let values = (0..<100_000).map { Double?(($0 % 2 == 0 ? 1 : -1) * (1.7e308 - Double($0) * 1e300)) }
    let numbers = try #require(try profile(ColumnData("x", .numbers(values))).columns[0].numbers)
    #expect(numbers.mean.isFinite && numbers.deviation.isFinite)
    #expect(numbers.histogram.reduce(0, +) == 100_000)
    #expect(numbers.quantiles.allSatisfy { $0.isFinite })
  }

  @Test func lengthsAreInUnicodeScalars() throws {
    let texts = ["é", "e\u{301}", "日本語", "👩‍👩‍👧", "", nil]
    let columns = try profile(ColumnData("t", .texts(texts)), ColumnData("c", .categories(texts))).columns
    for column in columns {
      #expect(column.lengths.map { [Double($0.min), Double($0.max), $0.mean] } == [0, 5, 11.0 / 5])
      #expect((column.distinct?.count, column.missing) == (5, 1))
    }
  }

  @Test func datesAndBooleans() throws {
    let columns = try profile(
      ColumnData("d", .dates([0, nil, 19_000])), ColumnData("b", .booleans([true, false, true]))
    ).columns
    #expect((columns[0].numbers?.min, columns[0].numbers?.max) == (0, 19_000))
    #expect(columns[1].values.map { "\($0.value) \($0.count)" } == ["true 2", "false 1"])
  }

  @Test func sparseRows() throws {
    typealias Entry = ColumnData.SparseEntry
    let column = try profile(ColumnData("s", .sparse([[Entry(1, 2), Entry(7, -1)], [], [Entry(7, 4)]]))).columns[0]
    #expect((column.entries?.count, column.entries?.indices) == (3, 2))
    #expect((column.numbers?.min, column.numbers?.max) == (-1, 4))
  }
}

@Suite struct ProfileAssociationTests {
  private let x: [Double?] = [1, 2, 3, 4, 5, 6, 7, 8, nil, 10]
  private let y: [Double?] = [2, 1, 4, 3, 6, 5, 8, 7, 3, nil]
  private let c: [String?] = ["a", "a", "a", "b", "b", "b", "c", "c", "c", nil]
  private let d: [String?] = ["u", "u", "u", "v", "v", "v", "v", "u", "u", "u"]

  /// Reference: NumPy `corrcoef` of the eight complete pairs; ε and V by their formulas in NumPy, see the doc comments.
  @Test func statisticsAgreeWithTheirFormulas() throws {
    let columns = [
      ColumnData("x", .numbers(x)), ColumnData("y", .numbers(y)), ColumnData("c", .categories(c)),
      ColumnData("d", .categories(d)),
    ]
    func value(_ name: String, _ target: String) throws -> Association? {
      try TableProfile(Table(columns: columns), target: target, cancellation: Cancellation()).column(named: name)?
        .association
    }
    let pearson = try #require(try value("x", "y"))
    #expect(pearson.statistic == .pearson && abs(pearson.value - 0.9047619047619048) < 1e-12)
    let ratio = try #require(try value("x", "c"))
    #expect(ratio.statistic == .correlationRatio && abs(ratio.value - 0.9219544457292888) < 1e-12)
    #expect(try value("c", "x") == ratio)
    let cramer = try #require(try value("c", "d"))
    #expect(cramer.statistic == .cramersV && abs(cramer.value - 0.7171371656006361) < 1e-12)
    #expect(try value("x", "x") == nil)
  }

  @Test func whatDoesNotVaryHasNone() throws {
    let table = Table(columns: [
      ColumnData("x", .numbers([1, 1, 1])), ColumnData("t", .texts(["a", "b", "c"])),
      ColumnData("y", .numbers([1, 2, 3])),
    ])
    let columns = try TableProfile(table, target: "y", cancellation: Cancellation()).columns
    #expect(columns.allSatisfy { $0.association == nil })
  }
}
