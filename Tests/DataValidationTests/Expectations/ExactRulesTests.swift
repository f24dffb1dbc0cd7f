import Basics
import DataValidation
import Tabular
import Testing

/// Integers that doubles do not tell apart.
private let large: Int64 = 1 << 60
private let ids = (0..<500).map { Int64?(large + Int64($0)) }
private let table = Table(columns: [
  ColumnData("id", .integers(ids)), ColumnData("next", .integers(ids.map { $0.map { $0 + 1 } })),
  ColumnData("back", .integers(ids.reversed())), ColumnData("small", .integers((0..<500).map { Int64($0) })),
  ColumnData("size", .numbers((0..<500).map { Double($0) + 0.5 })),
  ColumnData("day", .dates((0..<500).map { Int32($0) })),
  ColumnData("at", .timestamps((0..<500).map { Int64($0) * 86_400_000_000 + 1 })),
])

private func observed(_ text: String) throws -> [Observation] {
  try observe(table, Expectations(json: JSON(parsing: text)), cancellation: Cancellation())
}

/// Whole numbers and times are compared with all their digits.
@Suite struct ExactRulesTests {
  @Test(
    arguments: [
      ("id < next", 0), ("next <= id", 500), ("id + 1 == next", 0), ("id == next", 500), ("id != next", 0),
      ("next - id < 2", 0), ("id == next within 1", 0), ("id == next within 0.5", 500), ("2 * id < 2 * next", 0),
      ("id < 1152921504606846977", 499), ("id >= 1152921504606846976 + small", 0), ("8 * id + 8 == 8 * next", 0),
      // Beside fractions too.
      ("id + size > id", 0), ("id + size < next", 499), ("0.5 * id + 0.5 == 0.5 * next", 0),
      // Days are their midnights, numbers beside times are seconds.
      ("day >= 1970-01-01", 0), ("at < 1971-05-15T00:00:00.000001Z", 1), ("at <= 1971-05-15", 1),
      ("day - 1970-01-02 <= 86400", 497), ("day < at", 0), ("at - day <= 0.000001", 0), ("at <= day", 500),
      ("day + 86400 > at", 0),
    ])
  func comparisonsAreExact(_ text: String, _ breaches: Int) throws {
    let found = try observed("{\"compare\": [\(JSON.string(text).canonical)]}")
    #expect(found.map(\.observed) == [JSON(breaches)])
  }

  @Test func textsAreTheSameOrNot() throws {
    let texts = Table(columns: [
      ColumnData("a", .texts(["x", "é", nil, "y"])), ColumnData("b", .categories(["x", "e\u{301}", "z", "y"])),
    ])
    func breaches(_ rule: String) throws -> [String] {
      try validate(
        texts, Expectations(json: ["compare": [.string(rule)]]), cancellation: Cancellation()
      ).map(\.message)
    }
    #expect(try breaches("a == b") == ["'a == b' does not hold in 1 row (25%)"])
    #expect(try breaches("a != b") == ["'a != b' does not hold in 2 rows (50%)"])
    #expect(try breaches("a < b") == ["'a < b' compares column 'a', which is of type text"])
  }

  @Test func ordersAreExact() throws {
    let rules = #"{"columns": {"id": {"order": "strictly_increasing"}, "back": {"order": "strictly_decreasing"}}}"#
    #expect(try observed(rules).allSatisfy { $0.holds })
    #expect(
      try observed(#"{"columns": {"back": {"order": "increasing"}}}"#)[0].finding?.count == 499)
  }

  @Test(
    arguments: [
      (#""min": 1152921504606846976"#, 0), (#""min": 1152921504606846977"#, 1), (#""max": 1152921504606847475"#, 0),
      (#""max": 1152921504606847474"#, 1), (#""min": "1152921504606846978""#, 2), (#""max": 0.5"#, 500),
      (#""min": 1e30"#, 500), (#""max": 1e30"#, 0),
    ])
  func limitsAreExact(_ rule: String, _ breaches: Int) throws {
    let found = try observed("{\"columns\": {\"id\": {\(rule)}}}")
    #expect(found[0].finding?.count ?? 0 == breaches)
    let ends = ["min": Int64(large), "max": Int64(large + 499)]
    #expect(found[0].observed == .integer(try #require(ends[found[0].rule.rawValue])))
  }

  /// Numbers are held against large integers without rounding them.
  @Test func numbersAreHeldAgainstLargeIntegers() throws {
    let numbers = Table(columns: [ColumnData("x", .numbers([0x1p53, 0x1p63, -1e300, nil]))])
    func breaches(_ rule: String) throws -> Int {
      let rules = try Expectations(json: JSON(parsing: "{\"columns\": {\"x\": {\(rule)}}}"))
      return try validate(numbers, rules, cancellation: Cancellation()).first?.count ?? 0
    }
    #expect(try breaches(#""min": "9007199254740993""#) == 2)
    #expect(try breaches(#""max": "9223372036854775807""#) == 1)
  }

  @Test(
    arguments: [
      (#"{"columns": {"day": {"min": 5}}}"#, "column 'day' is of type date, but 'min' is a number"),
      (#"{"columns": {"small": {"max": "2024-01-01"}}}"#, "column 'small' is of type integer, but 'max' is a time"),
      (
        #"{"compare": ["day < small"]}"#,
        "'day < small' holds column 'day', which is of type date, against what is no time"
      ),
      (#"{"compare": ["small >= 2024-01-01"]}"#, "'small >= 2024-01-01' holds a time against what is no time"),
      (
        #"{"compare": ["at >= 5"]}"#, "'at >= 5' holds column 'at', which is of type timestamp, against what is no time"
      ),
    ])
  func timesAreHeldAgainstTimesAlone(_ rule: String, _ message: String) throws {
    #expect(try observed(rule).compactMap(\.finding?.message) == [message])
  }

  @Test(
    arguments: [
      (
        #"{"compare": ["idd < next"]}"#,
        "'idd < next' cannot be looked at: there is no column 'idd'; the nearest is 'id'"
      ),
      (#"{"keys": [["id", "smal"]]}"#, "a key cannot be looked at: there is no column 'smal'; the nearest is 'small'"),
      (
        #"{"when": [{"column": "sizes", "present": ["id"]}]}"#,
        "column 'id' cannot be looked at: there is no column 'sizes'; the nearest is 'size'"
      ),
      (
        #"{"when": [{"column": "size", "absent": ["dya"]}]}"#,
        "column 'dya' cannot be looked at: there is no column 'dya'; the nearest is 'day'"
      ),
    ])
  func columnsThatAreNotThereAreFindings(_ rule: String, _ message: String) throws {
    let found = try observed(rule)
    #expect(found.compactMap(\.finding?.message) == [message])
    #expect(found[0].observed.isNull)
  }

  /// What is recorded of several rules of one kind tells which is which.
  @Test func expectationsTellThemselvesApart() throws {
    let found = try observed(
      """
      {"rows": {"min": 5, "max": 900}, "when": [{"column": "small", "values": [1, 2], "present": ["id"]},
        {"column": "size", "present": ["id"]}], "columns": {"size": {"quantiles": {"25%": {"min": 1}, "50%": {"min": 900}}}}}
      """)
    #expect(Set(found.map { $0.json.canonical }).count == found.count)
    #expect(found[0].expected == ["min": 5.0])
    #expect(found[1].expected == ["max": 900.0])
    #expect(found[2].json["where"] == ["column": "small", "values": ["1", "2"]])
    #expect(found[3].json["where"] == ["column": "size"])
    #expect(found[4].json["share"] == 0.25)
    #expect(found[5].finding?.json["share"] == 0.5)
  }

  /// A column that is there only once the target is known.
  @Test func presenceThatTellsTheTargetIsLeakage() throws {
    let churned = (0..<100).map { $0 % 3 == 0 }
    func table(_ target: ColumnData) -> Table {
      Table(columns: [
        ColumnData("reason", .categories(churned.map { $0 ? "price" : nil })),
        ColumnData("note", .texts((0..<100).map { $0 % 7 == 0 ? nil : "n\($0)" })), target,
      ])
    }
    for target in [
      ColumnData("y", .categories(churned.map { $0 ? "yes" : "no" })), ColumnData("y", .booleans(churned)),
      ColumnData("y", .numbers(churned.map { $0 ? 10 : 3 })),
    ] {
      var surroundings = ValidationSurroundings()
      surroundings.target = "y"
      let found = try observe(
        table(target), Expectations(json: ["leakage": 0.99]), surroundings, cancellation: Cancellation())
      let statistic = if case .categories = target.values { "a Cramér's V of" } else { "a correlation ratio of" }
      #expect(
        found.compactMap(\.finding?.message) == [
          "column 'reason' alone tells the target 'y', by being there or missing, with \(statistic) 1, expected at most 0.99"
        ])
      #expect(found.filter { $0.details["of"] == "presence" }.map(\.column) == ["reason", "note"])
    }
  }
}
