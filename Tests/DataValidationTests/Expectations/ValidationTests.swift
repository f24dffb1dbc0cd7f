import Basics
import DataValidation
import Diagnostics
import Tabular
import Testing

private let table = Table(columns: [
  ColumnData("age", .integers([10, nil, 30, -5, 200, 30, 8])),
  ColumnData("day", .dates([0, 1, 2, 19_000, nil, 3, 4])),
  ColumnData("sex", .categories(["f", "m", "x", "f", nil, "x", "q"])),
  ColumnData("name", .texts(["A1", "B2", nil, "B2", "??", "C3", "D4"])),
  ColumnData("empty", .texts([nil, nil, nil, nil, nil, nil, nil])),
])

private func findings(_ text: String) throws -> [Finding] {
  try validate(table, Expectations(json: JSON(parsing: text)), threads: 2, cancellation: Cancellation())
}

@Suite struct ValidationTests {
  @Test func tableThatMeetsItsExpectationsHasNoFindings() throws {
    let text = """
      {"rows": {"min": 7, "max": 7}, "columns": {"age": {"type": "number", "min": -5, "max": 200, "missing": "15%"},
      "day": {"type": "date", "min": "1970-01-01"}, "sex": {"values": ["f", "m", "x", "q"], "pattern": "[a-z]"},
      "name": {"type": "text", "unique": false}, "gone": {"required": false}, "empty": {"type": "integer"}}}
      """
    #expect(try findings(text).isEmpty)
  }

  @Test func everyBreachIsFoundWithItsRows() throws {
    let found = try findings(
      """
      {"rows": {"min": 100}, "columns": {
        "age": {"min": 0, "max": 100, "unique": true, "missing": 0.1},
        "day": {"max": "2000-01-01"}, "sex": {"values": ["f", "m"], "type": "integer"},
        "name": {"pattern": "[A-Z][0-9]", "unique": true}, "nane": {}}}
      """)
    #expect(
      found.map(\.message) == [
        "the table has 7 rows, expected at least 100",
        "column 'age' is below 0 in 1 row (14.29%)", "column 'age' is above 100 in 1 row (14.29%)",
        "column 'age' repeats earlier values in 1 row (14.29%)",
        "column 'age' is missing more often than 10%, in 1 row (14.29%)",
        "column 'day' is above 2000-01-01 in 1 row (14.29%)",
        "column 'name' repeats earlier values in 1 row (14.29%)",
        "column 'name' holds values that do not match '[A-Z][0-9]' in 1 row (14.29%)",
        "there is no column 'nane'; the nearest is 'name'",
        "column 'sex' is of type category, expected integer",
        "column 'sex' holds values that are not among the 2 allowed in 3 rows (42.86%)",
      ])
    #expect(found.map(\.exampleRows) == [[], [4], [5], [6], [2], [4], [4], [5], [], [], [3, 6, 7]])
    #expect(found[1].observed.doubleValue == -5)
    #expect(found[5].observed == "2022-01-08")
    #expect(found[10].observed == 2)
  }

  @Test func limitsOfTimestampsAreDatesOrTimestamps() throws {
    let table = Table(columns: [
      ColumnData("at", .timestamps([0, 86_400_000_000, nil, 1_706_702_400_250_000])),
      ColumnData("day", .dates([0, 1, 2, nil])),
    ])
    func messages(_ rules: String) throws -> [String] {
      try validate(table, Expectations(json: JSON(parsing: "{\"columns\": \(rules)}")), cancellation: Cancellation())
        .map(\.message)
    }
    #expect(
      try messages(#"{"at": {"type": "timestamp", "min": "1970-01-01", "max": "2024-01-31T13:00:00.25+01:00"}}"#) == [])
    #expect(
      try messages(
        #"{"at": {"min": "1970-01-02T00:00:00.000001Z", "max": "2024-01-31"}, "day": {"min": "1970-01-01T12:00Z"}}"#)
        == [
          "column 'at' is below 1970-01-02T00:00:00.000001Z in 2 rows (50%)",
          "column 'at' is above 2024-01-31T00:00:00Z in 1 row (25%)",
          "column 'day' is below 1970-01-01T12:00:00Z in 1 row (25%)",
        ])
    #expect(try messages(#"{"at": {"type": "date"}}"#) == ["column 'at' is of type timestamp, expected date"])
  }

  @Test func namesAtMostFiveRows() throws {
    let finding = try #require(try findings(#"{"columns": {"empty": {"missing": 0}}}"#).first)
    #expect(finding.count == 7)
    #expect(finding.exampleRows == [1, 2, 3, 4, 5])
    #expect(finding.diagnostic.severity == .error)
    #expect(
      finding.json.canonical
        == #"{"column":"empty","count":7,"expected":0,"message":"column 'empty' is missing more often than 0%, in 7 rows "#
        + #"(100%)","observed":1,"rows":[1,2,3,4,5],"rule":"missing","severity":"error","share":1}"#)
  }

  @Test func valuesCompareAsTheyAreWritten() throws {
    #expect(try findings(#"{"columns": {"age": {"values": [10, 30.0, -5, "200", 8]}}}"#).isEmpty)
  }

  @Test(arguments: [
    (#"{"columns": {"age": {"min": "low"}}}"#, "the expectation 'min' of column 'age' has a value it cannot have"),
    (
      #"{"columns": {"age": {"missing": "500%"}}}"#,
      "the expectation 'missing' of column 'age' has a value it cannot have"
    ),
    (#"{"columns": {"age": {"type": "float"}}}"#, "the expectation 'type' of column 'age' has a value it cannot have"),
    (
      #"{"columns": {"age": {"pattern": "["}}}"#,
      "the pattern '[' of column 'age' is no regular expression: this set is not closed"
    ),
    (#"{"on_findings": "explode"}"#, "the expectation 'on_findings' has a value it cannot have"),
  ])
  func malformedExpectationsAreNamed(text: String, message: String) throws {
    let error = #expect(throws: ExpectationError.self) { try Expectations(json: JSON(parsing: text)) }
    #expect(error?.diagnostics.map(\.message) == [message])
  }
}
