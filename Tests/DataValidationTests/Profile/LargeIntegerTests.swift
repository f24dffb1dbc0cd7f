import Basics
import DataValidation
import Tabular
import Testing

/// Integers that doubles do not tell apart are counted and limited with all their digits.
@Suite struct LargeIntegerTests {
  private func profile(_ values: [Int64?], rows: [Int]? = nil) throws -> ColumnProfile {
    let profile = try TableProfile(
      Table(columns: [ColumnData("a", .integers(values))]), rows: rows, cancellation: Cancellation())
    return try #require(profile.columns.first)
  }

  @Test func endsAndDifferentValuesAreExact() throws {
    let column = try profile([.max, .max - 1, .min, nil, 9_007_199_254_740_993])
    #expect(column.distinct?.count == 4)
    #expect(column.distinct?.isExact == true)
    #expect(column.numbers?.wholeMin == .min)
    #expect(column.numbers?.wholeMax == .max)
    #expect(column.json["min"] == .integer(.min))
    // Canonical text has integers beyond 2⁵³ as strings.
    #expect(column.json.canonical.contains(#""max":"9223372036854775807""#))
    #expect(column.json.canonical.contains(#""min":"-9223372036854775808""#))
  }

  @Test func oneEndMayBeSmall() throws {
    let column = try profile([5, 5, (1 << 53) + 1, 1 << 53, nil, -7])
    #expect(column.distinct?.count == 4)
    #expect(column.numbers?.wholeMin == -7)
    #expect(column.numbers?.wholeMax == 9_007_199_254_740_993)
    #expect(column.json["min"] == .integer(-7))
    let usual = try profile([1, 2, 3])
    #expect(usual.numbers?.wholeMin == nil)
    #expect(usual.json["max"] == 3.0)
  }

  @Test func manyAreEstimated() throws {
    let start: Int64 = 1 << 60
    var values: [Int64?] = []
    for index in 0..<60_000 { values.append(start + Int64(index)) }
    for index in 0..<40_000 { values.append(Int64(index)) }
    let column = try profile(values)
    let distinct = try #require(column.distinct)
    #expect(!distinct.isExact)
    #expect(abs(Double(distinct.count) - 100_000) < 100_000 * 4 * 0.0115)
    #expect(distinct.count <= 100_000)
    #expect(column.numbers?.wholeMax == 1_152_921_504_606_906_975)
  }

  @Test func someRowsAreLookedAt() throws {
    let start: Int64 = 1 << 60
    let values = (0..<5000).map { row -> Int64? in row % 7 == 0 ? nil : start + Int64(row % 100) }
    let rows = (0..<5000).filter { $0 % 3 == 0 }
    let column = try profile(values, rows: rows)
    let expected = rows.compactMap { values[$0] }
    #expect(column.distinct?.count == Set(expected).count)
    #expect(column.numbers?.wholeMin == expected.min())
    #expect(column.numbers?.wholeMax == expected.max())
  }

  /// An estimate is never above what there is.
  @Test(arguments: [5000, 20_000, 54_172, 200_000]) func thereAreNotMoreValuesThanRows(_ count: Int) throws {
    let texts = Table(columns: [
      ColumnData("t", .texts((0..<count).map { "t\($0)" })),
      ColumnData("x", .numbers((0..<count).map { Double($0) / 3 })),
    ])
    for column in try TableProfile(texts, cancellation: Cancellation()).columns {
      #expect(try #require(column.distinct?.count) <= count)
    }
  }

  @Test func whatIsWrittenReadsBack() throws {
    let table = Table(columns: [ColumnData("a", .integers([.max, 1 << 53, 4, .min]))])
    let profile = try TableProfile(table, cancellation: Cancellation())
    let read = try #require(TableProfile(json: JSON(parsing: profile.json.canonicalBytes)))
    #expect(read == profile)
  }

  /// Suggested limits hold for the data that they come from.
  @Test(
    arguments: [
      [Int64.max, .max - 1], [1_152_921_504_606_846_977, 1_152_921_504_606_846_977], [.min, 5],
      [4_611_686_018_427_387_904, 4_611_686_018_427_387_907],
    ] as [[Int64]])
  func suggestedLimitsHold(_ values: [Int64]) throws {
    let table = Table(columns: [ColumnData("a", .integers(values.map(Optional.init)))])
    let suggested = SuggestedExpectations(try TableProfile(table, cancellation: Cancellation()))
    let found = try validate(
      table, Expectations(json: suggested.settings(under: [:])), cancellation: Cancellation())
    #expect(found.map(\.message) == [])
  }
}
