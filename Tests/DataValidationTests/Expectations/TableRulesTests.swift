import Basics
import DataValidation
import Tabular
import Testing

private let orders = Table(columns: [
  ColumnData("id", .integers([1, 2, 3, 3, 5])), ColumnData("shop", .categories(["a", "b", nil, "c", "b"])),
  ColumnData("net", .numbers([10, 20, 30, 30, nil])), ColumnData("tax", .numbers([1, 2, 3, 3, 5])),
  ColumnData("gross", .numbers([11, 22.5, 33, 33, 5])), ColumnData("start", .dates([0, 10, 20, 20, 5])),
  ColumnData("end", .timestamps([86_400_000_000, 0, nil, nil, 432_000_000_000])),
  ColumnData("status", .categories(["sent", "sent", "open", "open", "sent"])),
])

private func messages(
  _ text: String, _ table: Table = orders, _ prepare: (inout ValidationSurroundings) -> Void = { _ in }
) throws -> [String] {
  var surroundings = ValidationSurroundings()
  prepare(&surroundings)
  return try validate(table, Expectations(json: JSON(parsing: text)), surroundings, cancellation: Cancellation())
    .map(\.message)
}

/// Rules across columns, rows and tables.
@Suite struct TableRulesTests {
  @Test func keysAndDuplicates() throws {
    #expect(try messages(#"{"keys": ["id"]}"#) == ["the key 'id' repeats earlier ones in 1 row (20%)"])
    #expect(try messages(#"{"keys": [["id", "shop"], ["net", "tax", "status", "id", "shop"]]}"#) == [])
    let twice = Table(columns: [
      ColumnData("x", .numbers([1, nil, 1, nil])), ColumnData("t", .texts(["a", "", "a", nil])),
    ])
    #expect(
      try messages(#"{"duplicates": "20%"}"#, twice) == [
        "rows equal earlier ones, expected at most 20%, in 1 row (25%)"
      ])
    #expect(try messages(#"{"duplicates": 0.25}"#, twice) == [])
  }

  @Test func comparisonsAcrossColumns() throws {
    #expect(
      try messages(#"{"compare": ["net + tax == gross", "net + tax == gross within 0.5", "start <= end"]}"#) == [
        "'net + tax == gross' does not hold in 1 row (20%)", "'start <= end' does not hold in 1 row (20%)",
      ])
    #expect(
      try messages(#"{"compare": ["shop < tax"]}"#) == [
        "'shop < tax' compares column 'shop', which is of type category"
      ])
  }

  @Test func presenceDependsOnAnotherColumn() throws {
    let rule = #"{"when": [{"column": "status", "values": ["sent"], "present": ["shop", "net"], "absent": ["tax"]}]}"#
    #expect(
      try messages(rule) == [
        "column 'net' is missing where 'status' is 'sent', in 1 row (20%)",
        "column 'tax' is there where 'status' is 'sent', in 3 rows (60%)",
      ])
    #expect(
      try messages(#"{"when": [{"column": "net", "present": ["end"]}]}"#) == [
        "column 'end' is missing where 'net' is there, in 2 rows (40%)"
      ])
  }

  @Test func valuesOfOtherTables() throws {
    let shops = Table(columns: [ColumnData("name", .texts(["a", "b"]))])
    #expect(
      try messages(#"{"references": {"shop": "shops.name"}}"#) { $0.tables["shops"] = shops }
        == ["column 'shop' holds values that 'shops.name' does not in 1 row (20%)"])
    #expect(throws: ExpectationError.unknownTable("shops")) {
      try messages(#"{"references": {"shop": "shops.name"}}"#)
    }
    #expect(
      try messages(#"{"references": {"shop": "shops.nome"}}"#) { $0.tables["shops"] = shops }
        == ["column 'shop' cannot be looked at: there is no column 'nome' in 'shops'; the nearest is 'name'"])
  }

  @Test func rowsOfBothParts() throws {
    let table = Table(columns: [ColumnData("x", .integers([1, 2, 1, 4, 2]))])
    let split = ValidationSurroundings.SplitRows(table: table, isTraining: [true, true, false, false, true])
    #expect(
      try messages(#"{"shared_rows": {"in": "parts"}}"#) { $0.splits["parts"] = split }
        == ["50% of the rows held out stand in the training part too, expected at most 0%, in 1 row (20%)"])
    #expect(try messages(#"{"shared_rows": {"in": "parts", "max": "50%"}}"#) { $0.splits["parts"] = split } == [])
  }

  @Test func numberOfRowsAgainstTheLastOnes() throws {
    let before = Table(columns: [ColumnData("x", .integers([Int64?](repeating: 1, count: 10)))])
    #expect(
      try messages(#"{"rows": {"change": "20%"}}"#) { $0.previous = before }
        == ["the table has 5 rows, 50% fewer than the 10 accepted last, expected at most 20%"])
    #expect(try messages(#"{"rows": {"change": 0.5}}"#) { $0.previous = before } == [])
    #expect(try messages(#"{"rows": {"change": 0.1}}"#) == [])
  }

  @Test func columnsThatTellTheTargetAlone() throws {
    let target = (0..<200).map { Double?(Double($0 * 7 % 50)) }
    let table = Table(columns: [
      ColumnData("copy", .numbers(target.map { $0.map { 3 - 2 * $0 } })),
      ColumnData("honest", .numbers((0..<200).map { Double($0 % 13) })), ColumnData("y", .numbers(target)),
    ])
    #expect(
      try messages(#"{"leakage": 0.99}"#, table) { $0.target = "y" }
        == ["column 'copy' alone tells the target 'y' with a correlation of 1, expected at most 0.99"])
    #expect(throws: ExpectationError.noTarget) { try messages(#"{"leakage": 0.99}"#, table) }
  }

  @Test func everyRuleIsObservedWhetherItHoldsOrNot() throws {
    var surroundings = ValidationSurroundings()
    surroundings.previous = orders
    let text = #"{"rows": {"min": 1, "change": 0.1}, "keys": ["id"], "duplicates": 1, "compare": ["tax < gross"]}"#
    let found = try observe(
      orders, Expectations(json: JSON(parsing: text)), surroundings, cancellation: Cancellation())
    #expect(found.map(\.rule.rawValue) == ["rows", "change", "keys", "duplicates", "compare"])
    #expect(found.map(\.holds) == [true, true, false, true, false])
    #expect(found.map(\.observed) == [5, 0.0, 4, 0.0, 1])
  }
}

@Suite struct ComparisonTests {
  @Test(arguments: ["a <= b", "2 * a - 3 == \"two words\" within 0.5", "-a < 1.5", "größe != 0"])
  func comparisonsAreRead(text: String) throws { #expect(try Comparison(parsing: text).text == text) }

  @Test(arguments: [
    ("a", 1, "one of <=, <, ==, !=, >=, >"), ("a <=", 4, "a column or a number"),
    ("a == b within", 13, "a number that is not negative"),
    ("a < b c", 6, "the end"), ("1 < 2", 0, "a column"), ("a < 3 * 4", 8, "a column"),
  ])
  func problemsAreTold(text: String, offset: Int, expected: String) {
    let problem = #expect(throws: ComparisonProblem.self) { try Comparison(parsing: text) }
    #expect((problem?.offset, problem?.expected) == (offset, expected))
  }
}
