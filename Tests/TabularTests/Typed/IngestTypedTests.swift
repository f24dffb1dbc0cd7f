import Basics
import Diagnostics
import Tabular
import Testing

/// What `ingestTyped` makes of columns in memory.
private struct Outcome {
  var table: Table
  var report: IngestReport
  var bytes: [UInt8]
}

private func ingestColumns(
  _ columns: [ColumnData], declared: [String: ColumnType] = [:], missing: [String] = [], untyped: Bool = false,
  batchRows: Int? = nil, threads: Int = 2
) throws -> Outcome {
  let scratch = try Scratch()
  let path = scratch.path + "/out.arrow"
  let source = TableSource(
    Table(columns: columns), named: "rows.db", digest: Digest(of: "rows"), hasUntypedStrings: untyped,
    batchRows: batchRows)
  let report = try ingestTyped(
    source, declared: declared, missing: missing, into: path, threads: threads, cancellation: Cancellation(),
    progress: { _ in })
  return Outcome(table: try Table.open(path), report: report, bytes: try Files.read(path))
}

private func message(_ body: () throws -> some Any) -> String {
  do {
    _ = try body()
    return "no error"
  } catch let error as any Diagnosable {
    return error.diagnostics.map { $0.rendered() }.joined(separator: "\n")
  } catch {
    return "\(error)"
  }
}

@Suite struct IngestTypedTests {
  /// Strings of 30 different values, each twice, and as many others that differ.
  private let repeated = ColumnData("repeated", .texts((0..<60).map { "k\($0 % 30)" }))
  private let distinct = ColumnData("distinct", .texts((0..<60).map { "k\($0)" }))

  @Test func stringsBecomeCategoriesByTheRuleOfCSV() throws {
    let few = ColumnData("few", .texts((0..<60).map { $0 % 3 == 0 ? nil : "b\($0 % 2)" }))
    let outcome = try ingestColumns([repeated, distinct, few])
    #expect(outcome.table.schema.fields.map(\.type) == [.category, .text, .category])
    #expect(outcome.table.column(2).dictionary == ["b0", "b1"])
    #expect(cells(outcome.table)[0] == (0..<60).map { "k\($0 % 30)" })
  }

  @Test(arguments: [(1, 3), (7, 1), (1000, 2), (65_536, 3), (70_001, 1)])
  func bytesDependOnRowsAlone(batchRows: Int, threads: Int) throws {
    let rows = 70_000
    let columns = [
      ColumnData("i", .integers((0..<rows).map { $0 % 11 == 0 ? nil : Int64($0) })),
      ColumnData("x", .numbers((0..<rows).map { $0 % 7 == 0 ? nil : Double($0) / 3 })),
      ColumnData("b", .booleans((0..<rows).map { $0 % 5 == 0 ? nil : $0 % 2 == 0 })),
      ColumnData("d", .dates((0..<rows).map { $0 % 3 == 0 ? nil : Int32($0) })),
      ColumnData("c", .categories((0..<rows).map { $0 % 4 == 0 ? nil : "c\($0 % 9)" })),
      ColumnData("t", .texts((0..<rows).map { $0 % 13 == 0 ? nil : "t\($0)" })),
      ColumnData("all", .integers((0..<rows).map { Int64($0) })),
    ]
    // One row at a time is slow in a debug build; 3,000 rows are enough to cross bytes of bitmaps.
    guard batchRows > 7 else { return try expectSame(columns.map { $0.prefix(3000) }, batchRows, threads) }
    try expectSame(columns, batchRows, threads)
  }

  private func expectSame(_ columns: [ColumnData], _ batchRows: Int, _ threads: Int) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/direct.arrow"
    try Table(columns: columns).write(to: path)
    let outcome = try ingestColumns(columns, batchRows: batchRows, threads: threads)
    #expect(outcome.bytes == (try Files.read(path)))
  }

  @Test func declaredTypesConvertWhatFits() throws {
    let outcome = try ingestColumns(
      [
        ColumnData("a", .integers([1, nil, 0])), ColumnData("b", .numbers([3, -4, nil])),
        ColumnData("c", .integers([7, 8, 7])), ColumnData("d", .texts(["1.5", "", "-2e3"])),
        ColumnData("e", .booleans([true, false, nil])), ColumnData("f", .texts(["2024-02-29", nil, ""])),
        ColumnData("g", .numbers([0.1, 1e21, 5])), ColumnData("h", .dates([0, nil, 1])),
        ColumnData("i", .dates([0, nil, -1])), ColumnData("j", .timestamps([0, nil, -86_400_000_000])),
      ],
      declared: [
        "a": .boolean, "b": .integer, "c": .category, "d": .number, "e": .number, "f": .date, "g": .text,
        "h": .category, "i": .timestamp, "j": .date,
      ])
    let expected: [[String?]] = [
      ["true", nil, "false"], ["3", "-4", nil], ["7", "8", "7"], ["1.5", nil, "-2000"], ["1", "0", nil],
      ["2024-02-29", nil, nil], ["0.1", "1e+21", "5"], ["1970-01-01", nil, "1970-01-02"],
      ["1970-01-01T00:00:00Z", nil, "1969-12-31T00:00:00Z"], ["1970-01-01", nil, "1969-12-31"],
    ]
    #expect(cells(outcome.table) == expected)
    #expect(
      outcome.table.schema.fields.map(\.type) == [
        .boolean, .integer, .category, .number, .number, .date, .text, .category,
        .timestamp, .date,
      ])
  }

  @Test func misfitsAreCountedOverAllRows() {
    let columns = [
      ColumnData("age", .texts((0..<100).map { $0 % 50 == 30 ? "old" : "7" })),
      ColumnData("size", .numbers([Double](repeating: 1, count: 99) + [0.5])),
      ColumnData("flag", .integers([Int64](repeating: 2, count: 100))),
    ]
    let text = message {
      try ingestColumns(columns, declared: ["age": .integer, "size": .integer, "flag": .boolean], batchRows: 8)
    }
    #expect(
      text == """
        rows.db: error: column 'age' holds text, expected an integer (2 rows affected, the first is row 31)
        help: list its missing-value marker under ingest.missing
        rows.db: error: column 'size' holds a number with a fraction, expected an integer (1 row affected, the first is row 100)
        rows.db: error: column 'flag' holds numbers, expected true or false (100 rows affected, the first is row 1)
        """)
  }

  @Test func infiniteNumbersAreRefusedUnlessTheyMeanMissing() throws {
    let text = message { try ingestColumns([ColumnData("x", .numbers([1, .infinity, -.infinity, .nan, 2]))]) }
    #expect(
      text == """
        rows.db: error: column 'x' holds infinite numbers (2 rows affected, the first is row 2)
        help: list 'inf' and '-inf' under ingest.missing if they mean that there is no value
        """)
    let outcome = try ingestColumns(
      [ColumnData("x", .numbers([1, .infinity, -.infinity, .nan, 2]))], missing: ["inf", "-inf"])
    #expect(cells(outcome.table) == [["1", nil, nil, nil, "2"]])
  }

  @Test func missingMarkersReachNumbersAndStrings() throws {
    let outcome = try ingestColumns(
      [
        ColumnData("i", .integers([-999, 1])), ColumnData("x", .numbers([-999, 1.5])),
        ColumnData("t", .texts(["NA", ""])),
      ], missing: ["NA", "-999"])
    #expect(cells(outcome.table) == [[nil, "1"], [nil, "1.5"], [nil, ""]])
  }

  @Test func stringsOfUntypedFormatsMayBeDates() throws {
    let columns = [
      ColumnData("day", .texts(["2024-01-31", nil, "1999-12-01"])),
      ColumnData("almost", .texts(["2024-01-31", "2024-02-30", nil])),
      ColumnData("instant", .texts(["2024-01-31", "2024-01-31 12:30:00+01", nil])),
    ]
    let table = try ingestColumns(columns, untyped: true).table
    #expect(table.schema.fields.map(\.type) == [.date, .category, .timestamp])
    #expect(cells(table)[2] == ["2024-01-31T00:00:00Z", "2024-01-31T11:30:00Z", nil])
    #expect(try ingestColumns(columns).table.schema.fields.map(\.type) == [.category, .category, .category])
  }

  @Test func namesAreChecked() {
    let column = ColumnData.Values.integers([1])
    #expect(
      message { try ingestColumns([ColumnData("age", column), ColumnData("", column)], declared: ["aeg": .number]) }
        == """
        rows.db: error: column 2 has no name
        rows.db: error: there is no column 'aeg', which is declared in the workflow
        help: did you mean 'age'?
        """)
    #expect(message { try ingestColumns([]) } == "rows.db: error: the source has no columns")
    #expect(
      message { try ingestColumns([ColumnData("a", .integers([]))]) }
        == "rows.db: error: the source has columns but no rows")
  }

  @Test func columnsWithoutValuesAreTold() throws {
    let outcome = try ingestColumns([ColumnData("a", .integers([nil, nil])), ColumnData("b", .texts(["x", "y"]))])
    #expect(outcome.report.notes.map(\.message) == ["column 'a' holds no value at all"])
    #expect(outcome.report.sourceDigest == Digest(of: "rows"))
  }

  @Test func cancelledWorkLeavesNothing() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/out.arrow"
    let cancellation = Cancellation()
    let source = TableSource(
      Table(columns: [ColumnData("a", .integers([Int64?](repeating: 1, count: 100)))]), named: "rows",
      digest: Digest(of: ""), batchRows: 10)
    #expect(throws: Cancelled.self) {
      try ingestTyped(source, into: path, threads: 2, cancellation: cancellation) {
        if $0 > 0.3 { cancellation.cancel() }
      }
    }
    #expect(try Files.status(path) == nil)
  }
}

extension ColumnData {
  fileprivate func prefix(_ count: Int) -> ColumnData {
    switch values {
    case .integers(let all): ColumnData(name, .integers(Array(all.prefix(count))))
    case .numbers(let all): ColumnData(name, .numbers(Array(all.prefix(count))))
    case .booleans(let all): ColumnData(name, .booleans(Array(all.prefix(count))))
    case .dates(let all): ColumnData(name, .dates(Array(all.prefix(count))))
    case .categories(let all): ColumnData(name, .categories(Array(all.prefix(count))))
    case .coded(let codes, let levels): ColumnData(name, .coded(Array(codes.prefix(count)), levels: levels))
    case .timestamps(let all): ColumnData(name, .timestamps(Array(all.prefix(count))))
    case .texts(let all): ColumnData(name, .texts(Array(all.prefix(count))))
    case .sparse(let all): ColumnData(name, .sparse(Array(all.prefix(count))))
    }
  }
}
