import Basics
import DataValidation
import Diagnostics
import Tabular
import Testing

private func observed(_ columns: [ColumnData], _ rules: String, now: String? = nil) throws -> [Observation] {
  var surroundings = ValidationSurroundings()
  surroundings.now = now.flatMap { parseTimestamp($0) }
  return try observe(
    Table(columns: columns), Expectations(json: JSON(parsing: "{\"columns\": \(rules)}")), surroundings, threads: 2,
    cancellation: Cancellation())
}

/// Rules about one column: what is found is told whether it holds or not.
@Suite struct ColumnRulesTests {
  @Test func everyRuleTellsWhatItObserved() throws {
    let found = try observed(
      [ColumnData("x", .integers([3, 1, nil, 2]))],
      """
      {"x": {"type": "number", "min": 0, "max": 10, "missing": "50%", "unique": true, "unique_share": {"min": 1},
        "mean": {"min": 2, "max": 2}, "deviation": {"max": 1}, "quantiles": {"50%": {"min": 2, "max": 2}},
        "length": {"max": 1}}}
      """)
    #expect(found.allSatisfy { $0.holds })
    #expect(
      found.map(\.rule.rawValue) == [
        "type", "min", "max", "unique", "unique_share", "missing", "length", "mean", "deviation", "quantiles",
      ])
    #expect(found.map(\.observed)[1...3] == [1.0, 3.0, 3])
    #expect(
      found[0].json.canonical
        == #"{"column":"x","expected":"number","holds":true,"observed":"integer","rule":"type","severity":"error"}"#)
  }

  @Test(arguments: [
    (#""length": {"min": 2, "max": 3}"#, "holds values whose length is not from 2 to 3, in 2 rows (40%)"),
    (#""unique_share": {"min": "90%"}"#, "has 75% different values, expected at least 90%"),
    (#""values": ["é"]"#, "holds values that are not among the 1 allowed in 4 rows (80%)"),
    (#""mean": {"min": 0}"#, "is of type text, which has no mean or quantiles"),
    (#""order": "increasing""#, "is of type text and has no order"),
  ])
  func breachesOfTextsAreTold(rule: String, words: String) throws {
    let texts = ColumnData("t", .texts(["ab", "ab", "longer", nil, "日"]))
    let finding = try #require(try observed([texts], "{\"t\": {\(rule)}}", now: nil).first?.finding)
    #expect(finding.message == "column 't' " + words)
  }

  @Test(arguments: [
    (#""mean": {"min": 5}"#, "has the mean 2, expected at least 5"),
    (#""deviation": {"min": 1, "max": 2}"#, "has the deviation 0.7071067811865476, expected from 1 to 2"),
    (#""quantiles": {"0.25": {"max": 1}}"#, "has the 25% quantile 1.75, expected at most 1"),
    (#""order": "increasing""#, "is not increasing in 2 rows (40%)"),
    (#""order": "strictly_decreasing""#, "is not strictly decreasing in 1 row (20%)"),
  ])
  func breachesOfNumbersAreTold(rule: String, words: String) throws {
    let numbers = ColumnData("x", .numbers([3, 2, nil, 2, 1]))
    let finding = try #require(try observed([numbers], "{\"x\": {\(rule)}}").first?.finding)
    #expect(finding.message == "column 'x' " + words)
  }

  @Test func missingValuesBreakNoOrder() throws {
    let numbers = ColumnData("x", .numbers([1, nil, 2, nil, 2]))
    #expect(try observed([numbers], #"{"x": {"order": "increasing"}}"#)[0].holds)
    #expect(try !observed([numbers], #"{"x": {"order": "strictly_increasing"}}"#)[0].holds)
  }

  /// A date is over when its last moment is.
  @Test(arguments: [
    ("2024-01-31T12:00:00Z", true), ("2024-02-02T23:59:59Z", true), ("2024-02-03T00:00:01Z", false),
  ])
  func ageIsCountedFromTheTimeGiven(now: String, holds: Bool) throws {
    let day = try #require(CalendarDate(text: "2024-01-31")).daysSinceEpoch
    let dates = ColumnData("d", .dates([0, Int32(day), nil]))
    let found = try observed([dates], #"{"d": {"max_age": 172800}}"#, now: now)
    #expect(found.map(\.holds) == [holds])
    if !holds {
      #expect(
        found[0].finding?.message == "column 'd' is 2d old, expected at most 2d: the newest is 2024-01-31")
    }
  }

  @Test func severityIsOfTheRuleOrOfTheWhole() throws {
    let table = Table(columns: [ColumnData("x", .integers([1])), ColumnData("y", .integers([1]))])
    let text = #"{"on_findings": "warn", "columns": {"x": {"min": 5, "severity": "info"}, "y": {"min": 5}}}"#
    let found = try validate(table, Expectations(json: JSON(parsing: text)), cancellation: Cancellation())
    #expect(found.map(\.severity) == [.info, .warn])
    #expect(found.map(\.diagnostic.severity) == [.note, .warning])
  }

  @Test func allMissingColumnsHoldWhatCanHold() throws {
    let none = ColumnData("x", .numbers([nil, nil]))
    let found = try observed(
      [none], #"{"x": {"min": 0, "max": 1, "mean": {"min": 0}, "order": "increasing", "unique_share": {"min": 1}}}"#)
    #expect(found.allSatisfy { $0.holds })
  }
}
