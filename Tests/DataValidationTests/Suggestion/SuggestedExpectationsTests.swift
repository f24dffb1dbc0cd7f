import Basics
import DataValidation
import Tabular
import Testing

@Suite struct SuggestedExpectationsTests {
  private let table = Table(columns: [
    ColumnData("age", .integers((0..<30).map { $0 == 3 ? nil : Int64(20 + $0) })),
    ColumnData("gain", .numbers((0..<30).map { Double($0) / 10 - 1 })),
    ColumnData("no", .categories((0..<30).map { $0 % 2 == 0 ? "yes" : "no" })),
    ColumnData("day", .dates((0..<30).map { Int32(19_000 + $0) })),
    ColumnData("note: free", .texts((0..<30).map { "text \($0)" })),
    ColumnData("empty", .texts([String?](repeating: nil, count: 30))),
    ColumnData("flag", .booleans([Bool?](repeating: true, count: 30))),
  ])

  private var suggested: SuggestedExpectations {
    get throws { SuggestedExpectations(try TableProfile(table, cancellation: Cancellation())) }
  }

  @Test func whatWasThereIsWrittenWithRoom() throws {
    #expect(
      try suggested.yaml == """
        # Derived from 30 rows: what they were like, with room. Put it under 'validate:' and edit it.
        rows: { min: 15 }
        drift: { psi: 0.25, severity: warn }
        columns:
          age: { type: number, missing: 6%, min: 5, max: 64, unique: true }
          gain: { type: number, missing: 0%, min: -2.5, max: 3.4 }
          no: { type: category, missing: 0%, values: [no, yes] }
          day: { type: date, missing: 0%, min: "2022-01-08" }
          "note: free": { type: text, missing: 0%, length: { max: 14 }, unique: true }
          empty: { missing: 100% }
          flag: { type: boolean, missing: 0% }

        """)
  }

  @Test func theDataItselfMeetsThem() throws {
    let settings = try suggested.settings(under: [:])
    let found = try observe(table, Expectations(json: settings), cancellation: Cancellation())
    #expect(found.count > 15)
    #expect(found.allSatisfy { $0.holds })
  }

  @Test func whatIsWrittenGoesBefore() throws {
    let settings = try suggested.settings(
      under: ["rows": ["max": 40], "columns": ["age": ["max": 1000], "other": ["required": false]]])
    #expect(settings["rows"] == ["max": 40])
    #expect(settings["columns"]?["age"]?["max"] == 1000)
    #expect(settings["columns"]?["age"]?["unique"] == true)
    #expect(settings["columns"]?["other"] == ["required": false])
  }
}
