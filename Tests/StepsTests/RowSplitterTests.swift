import Basics
import Statistics
import Tabular
import Testing

@testable import Steps

/// A table of `rows` rows: a class with uneven shares, a group of one to five rows, a day, and a number that repeats.
private func sample(rows: Int, seed: UInt64 = 1) -> Table {
  var random = SeededGenerator(seed: seed)
  var groups: [String] = []
  while groups.count < rows {
    groups += [String](repeating: "g\(groups.count)", count: 1 + random.nextIndex(below: 5))
  }
  return Table(columns: [
    ColumnData(
      "class", .categories((0..<rows).map { _ in ["a", "a", "a", "b", "b", nil][random.nextIndex(below: 6)] })),
    ColumnData("group", .texts(Array(groups.prefix(rows)))),
    ColumnData("day", .dates((0..<rows).map { _ in Int32(random.nextIndex(below: rows)) })),
  ])
}

private func assign(_ table: Table, _ settings: JSON, seed: UInt64 = 1) throws -> [RowPart] {
  try RowSplitter(table: table, settings: settings, seed: seed).assign()
}

private func count(_ parts: [RowPart], _ part: RowPart) -> Int { parts.count { $0 == part } }

@Suite struct RowSplitterTests {
  static let ways: [JSON] = [
    ["test": 0.25], ["test": 0.25, "validation": 0.2], ["test": 3], ["test": 3, "validation": 2],
    ["test": 0.3, "stratify": "class"], ["test": 3, "validation": 2, "stratify": "class"],
    ["test": 0.3, "validation": 0.2, "group": "group"], ["test": 0.3, "validation": 0.2, "time": "day"],
  ]

  /// A part for each row makes it impossible for one to be in two; here every part asked for has rows, and the same call
  /// gives the same parts.
  @Test(arguments: ways)
  func everyRowHasOnePartAndTheSameOneAgain(_ settings: JSON) throws {
    for seed in UInt64(0)..<20 {
      let table = sample(rows: 60, seed: seed)
      let parts = try assign(table, settings, seed: seed)
      #expect(parts.count == 60, "seed \(seed)")
      #expect(parts.contains(.train) && parts.contains(.test), "seed \(seed)")
      #expect(parts.contains(.validation) == (settings["validation"] != nil), "seed \(seed)")
      #expect(try assign(table, settings, seed: seed) == parts, "seed \(seed)")
    }
  }

  @Test(arguments: [["test": 0.25], ["test": 0.25, "validation": 0.2]] as [JSON])
  func rowsKeepTheirPartWhenOthersAreAppended(_ settings: JSON) throws {
    for seed in UInt64(0)..<20 {
      let before = try assign(sample(rows: 100), settings, seed: seed)
      let after = try assign(sample(rows: 150), settings, seed: seed)
      #expect(Array(after.prefix(100)) == before, "seed \(seed)")
    }
  }

  @Test func shareOfRandomRowsIsWhatChanceAllows() throws {
    // Standard deviation of the share of 10,000 rows at 25 %: 0.0043; five of them.
    for seed in UInt64(0)..<10 {
      let parts = try assign(sample(rows: 10_000), ["test": 0.25, "validation": 0.1], seed: seed)
      #expect(abs(Double(count(parts, .test)) / 10_000 - 0.25) < 0.022, "seed \(seed)")
      #expect(abs(Double(count(parts, .validation)) / 10_000 - 0.1) < 0.015, "seed \(seed)")
    }
  }

  @Test(arguments: [["test": 7, "validation": 5], ["test": 7, "validation": 5, "stratify": "class"]] as [JSON])
  func numbersOfRowsAreMetExactly(_ settings: JSON) throws {
    for seed in UInt64(0)..<20 {
      let parts = try assign(sample(rows: 53, seed: seed), settings, seed: seed)
      #expect(count(parts, .test) == 7, "seed \(seed)")
      #expect(count(parts, .validation) == 5, "seed \(seed)")
    }
  }

  @Test func stratifiedPartsHaveTheSharesOfTheWholeWithinOneRow() throws {
    for seed in UInt64(0)..<20 {
      let table = sample(rows: 211, seed: seed)
      let column = try #require(table.column(named: "class"))
      let parts = try assign(table, ["test": 0.3, "stratify": "class"], seed: seed)
      #expect(count(parts, .test) == 63, "seed \(seed)")  // 0.3 × 211 = 63.3
      for level in ["a", "b", nil] {
        let rows = (0..<211).filter { column.text($0) == level }
        let held = rows.count { parts[$0] == .test }
        #expect(abs(Double(held) - 0.3 * Double(rows.count)) < 1, "seed \(seed)")
      }
    }
  }

  /// Levels of two rows each: half a row of each would be held out, so every other level gives one.
  @Test func smallLevelsDoNotSwellTheirPart() throws {
    let levels = (0..<100).map { Optional("level \($0 / 2)") }
    let table = Table(columns: [ColumnData("class", .categories(levels))])
    #expect(count(try assign(table, ["test": 0.25, "stratify": "class"]), .test) == 25)
  }

  @Test func groupIsNeverCut() throws {
    for seed in UInt64(0)..<20 {
      let table = sample(rows: 200, seed: seed)
      let column = try #require(table.column(named: "group"))
      let parts = try assign(table, ["test": 0.3, "validation": 0.2, "group": "group"], seed: seed)
      var partOfGroup: [String: RowPart] = [:]
      for row in 0..<200 {
        let group = column.text(row) ?? ""
        #expect(partOfGroup[group, default: parts[row]] == parts[row], "seed \(seed), row \(row)")
        partOfGroup[group] = parts[row]
      }
      // Groups are taken until the amount is reached, so at most one group too many.
      #expect((60..<65).contains(count(parts, .test)), "seed \(seed)")
    }
  }

  @Test func rowsWithoutAGroupStayTogether() throws {
    let groups = (0..<40).map { $0 % 4 == 0 ? nil : "g\($0)" }
    let parts = try assign(Table(columns: [ColumnData("group", .texts(groups))]), ["test": 0.4, "group": "group"])
    #expect(Set(stride(from: 0, to: 40, by: 4).map { parts[$0] }).count == 1)
  }

  @Test func newestRowsAreHeldOutAndNoInstantIsCut() throws {
    for seed in UInt64(0)..<20 {
      let table = sample(rows: 120, seed: seed)
      let parts = try assign(table, ["test": 0.25, "validation": 0.25, "time": "day"], seed: seed)
      var days = [Double](repeating: 0, count: 120)
      let column = try #require(table.column(named: "day"))
      days.withUnsafeMutableBufferPointer { column.readNumbers(0..<120, into: $0) }
      func of(_ part: RowPart) -> [Double] { zip(days, parts).filter { $1 == part }.map(\.0) }
      let (train, validation, test) = (of(.train), of(.validation), of(.test))
      #expect(try #require(train.max()) < #require(validation.min()), "seed \(seed)")
      #expect(try #require(validation.max()) < #require(test.min()), "seed \(seed)")
      #expect(test.count >= 30, "seed \(seed)")
      #expect(try assign(table, ["test": 0.25, "validation": 0.25, "time": "day"], seed: seed + 1) == parts)
    }
  }

  @Test(
    arguments: [["test": 0.25], ["test": 10], ["test": 0.25, "stratify": "class"], ["test": 0.25, "group": "group"]]
      as [JSON])
  func anotherSeedGivesOtherParts(_ settings: JSON) throws {
    let table = sample(rows: 100)
    #expect(try assign(table, settings, seed: 1) != assign(table, settings, seed: 2))
  }

  @Test(
    arguments: [
      (["test": 100], "the train part would have none of the 100 rows"),
      (["test": 1000], "the train part would have none of the 100 rows"),
      (["test": 0.001, "stratify": "class"], "the test part would have none of the 100 rows"),
      (["test": 0.5, "stratify": "clas"], "'stratify' 'clas' is not a column of the data"),
      (["test": 0.5, "time": "class"], "column 'class' holds category, expected dates, timestamps or numbers"),
    ] as [(JSON, String)])
  func whatCannotBeSplitIsTold(_ settings: JSON, _ message: String) throws {
    #expect {
      try assign(sample(rows: 100), settings)
    } throws: { error in
      error.firstMessage == message
    }
  }

  @Test func missingTimesAreRefused() throws {
    let table = Table(columns: [ColumnData("day", .dates([1, nil, 3]))])
    #expect {
      try assign(table, ["test": 1, "time": "day"])
    } throws: {
      $0.firstMessage == "column 'day' is missing in 1 rows"
    }
  }
}
