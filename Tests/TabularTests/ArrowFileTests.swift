import Basics
import Diagnostics
import Glibc
import Tabular
import Testing

@Suite struct ArrowFileTests {
  @Test(arguments: [0, 1, 7, 8, 9, 1000, 70_000], [UInt64(1), 2])
  func everyTypeSurvivesTheFile(rows: Int, seed: UInt64) throws {
    let scratch = try Scratch()
    let table = randomTable(rows: rows, seed: seed, hasTimestamps: true)
    let path = scratch.path + "/table.arrow"
    try table.write(to: path)
    let opened = try Table.open(path)
    #expect(opened.schema == table.schema)
    #expect(opened.rowCount == rows)
    #expect(cells(opened) == cells(table), "seed \(seed)")
    for index in table.schema.fields.indices {
      #expect(opened.column(index).missingCount == table.column(index).missingCount)
      #expect(opened.column(index).dictionary == table.column(index).dictionary)
    }
  }

  @Test func readsAcrossRowGroups() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/table.arrow"
    let values = (0..<140_000).map { $0 % 10 == 0 ? nil : Int64($0) }
    try Table(columns: [ColumnData("x", .integers(values))]).write(to: path)
    let column = try Table.open(path).column(0)
    let read = column.numbers(65_530..<131_080)
    #expect(zip(65_530..., read).allSatisfy { row, value in row % 10 == 0 ? value.isNaN : value == Double(row) })
  }

  @Test func sameContentGivesTheSameBytes() throws {
    let scratch = try Scratch()
    let table = randomTable(rows: 1000, seed: 3, hasTimestamps: true)
    let paths = ["a", "b", "c"].map { "\(scratch.path)/\($0).arrow" }
    try table.write(to: paths[0])
    try randomTable(rows: 1000, seed: 3, hasTimestamps: true).write(to: paths[1])
    try Table.open(paths[0]).write(to: paths[2])
    let bytes = try paths.map { try Files.read($0) }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] == bytes[2])
  }

  @Test func damageIsAnErrorNeverACrash() throws {
    let scratch = try Scratch()
    let good = scratch.path + "/good.arrow"
    try randomTable(rows: 20, seed: 5, hasTimestamps: true).write(to: good)
    let bytes = try Files.read(good)
    var generator = TestGenerator(seed: 11)
    var refused = 0
    for round in 0..<600 {
      var damaged = bytes
      if round % 3 == 0 {
        damaged.removeLast(Int.random(in: 1...bytes.count, using: &generator))
      } else {
        for _ in 0...round % 4 {
          damaged[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
      }
      let path = "\(scratch.path)/damaged.arrow"
      try FileHandle(creating: path).write(damaged)
      do {
        // What still opens must be readable without a crash.
        let table = try Table.open(path)
        if table.rowCount < 1000 { _ = cells(table) }
      } catch is TableError {
        refused += 1
      }
      try Files.remove(path)
    }
    #expect(refused > 200)
  }

  @Test func namesTheDamagedFile() throws {
    let scratch = try Scratch()
    let path = try scratch.file("not.arrow", "a,b\n1,2\n and something more to be long enough")
    let error = #expect(throws: TableError.self) { try Table.open(path) }
    #expect(error?.diagnostics.first?.message == "the table '\(path)' is damaged: it does not begin as an Arrow file")
  }

  static let python = getenv("MLFLOWCTL_PYTHON").map { String(cString: $0) }

  @Test(.enabled(if: python != nil, "set MLFLOWCTL_PYTHON to a python that has pyarrow, polars and duckdb"))
  func peersReadTheSameTable() throws {
    let python = try #require(Self.python)
    let script = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures/check_arrow.py"
    let scratch = try Scratch()
    for (rows, seed) in [(0, UInt64(1)), (1, 2), (100, 3), (70_000, 4)] {
      let table = randomTable(rows: rows, seed: seed, hasTimestamps: true)
      let path = "\(scratch.path)/\(rows).arrow"
      try table.write(to: path)
      let expected = try scratch.file("\(rows).json", expectation(of: table))
      let result = try runProgram(
        [python, script, path, expected, "--polars", "--duckdb"], output: "\(scratch.path)/\(rows).out")
      #expect(result.text == "equal\n")
    }
  }

  /// What `check_arrow.py` compares with, columns in order.
  private func expectation(of table: Table) -> String {
    let types = [
      "int64", "double", "bool", "date32[day]", "dictionary<values=large_string, indices=int32, ordered=0>",
      "large_string", "timestamp[us, tz=UTC]",
    ]
    func object(_ values: [JSON]) -> String {
      let members = zip(table.schema.names, values).map { JSON.string($0).canonical + ":" + $1.canonical }
      return "{" + members.joined(separator: ",") + "}"
    }
    let columns = cells(table).map { column in JSON.array(column.map { $0.map(JSON.string) ?? .null }) }
    return "{\"columns\":\(object(columns)),\"types\":\(object(types.map(JSON.string)))}"
  }
}
