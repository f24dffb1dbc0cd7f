import Basics
import Diagnostics
import Testing

@testable import Tabular

/// The reading by kernels and guesses against the one that keeps whole columns until their types are known.
@Suite struct JSONLinesReadingTests {
  /// What came of a file, however it was read.
  private func outcome(_ output: String, _ read: (String) throws -> IngestReport) throws -> String {
    do {
      let report = try read(output)
      return try texts(Table.open(output)) + report.notes.map(fixtureText).joined()
    } catch let error as any Diagnosable {
      return error.diagnostics.map(fixtureText).joined()
    }
  }

  private func texts(_ table: Table) -> String {
    table.schema.fields.indices.map { index in
      "\(table.column(index).name) \(table.column(index).type): \(table.column(index).texts().map { $0 ?? "-" })\n"
    }.joined()
  }

  private func compare(
    _ bytes: [UInt8], _ declared: [String: ColumnType] = [:], missing: [String] = [], comment: String
  ) throws {
    let scratch = try Scratch()
    let path = try scratch.file("data.jsonl", bytes)
    let format = CSVFormat(missing: missing, declared: declared)
    let expected = try outcome(scratch.path + "/whole.arrow") {
      try ingestJSONPieces(
        path, named: "data.jsonl", declared: declared, missing: missing, into: $0, threads: 1, pieceSize: 1 << 20,
        cancellation: Cancellation(), progress: { _ in })
    }
    for (pieceSize, threads) in [(1 << 19, 1), (300, 2), (1, 3)] {
      let found = try outcome("\(scratch.path)/\(pieceSize).arrow") {
        try ingestJSONLines(
          path, named: "data.jsonl", format: format, into: $0, threads: threads, pieceSize: pieceSize,
          cancellation: Cancellation(), progress: { _ in })
      }
      let odd = zip(found.split(separator: "\n"), expected.split(separator: "\n")).first { $0 != $1 }
      #expect(Bool(found == expected), "\(comment), pieces of \(pieceSize): \(odd?.0 ?? "") for \(odd?.1 ?? "")")
    }
    if let table = try? Table.readJSONLines(path, format: format, threads: 2) {
      #expect(try texts(table) == texts(Table.open(scratch.path + "/whole.arrow")), "\(comment), in memory")
    }
  }

  @Test(arguments: 0..<16)
  func randomFilesReadAsWholeColumnsDo(seed: UInt64) throws {
    var random = RandomJSONLines(seed: seed)
    let bytes = random.file()
    try compare(bytes, comment: "seed \(seed)")
    try compare(
      bytes, ["c0": .number, "c1": .text, "c2": .category, "c3": .integer], missing: ["NA", "-1", "x"],
      comment: "seed \(seed), declared")
  }

  /// What comes behind all that is looked at first decides like anything else.
  @Test func lastLinesDecideLikeAnyOther() throws {
    let rows = 60_000
    var text = ""
    for row in 0..<rows {
      text += #"{"whole": \#(row), "day": "2024-01-31", "flag": true, "level": "a", "at": {"x": \#(row).5}}"# + "\n"
    }
    text += #"{"whole": 0.5, "late": "é", "day": "2024-01-31T12:00", "flag": 1, "level": 5, "at": {"y": -0}}"# + "\n"
    #expect(text.utf8.count > 8 << 19)
    try compare(Array(text.utf8), comment: "last line")
  }

  @Test func integersKeepAllTheirDigitsAmongTexts() throws {
    let scratch = try Scratch()
    let path = try scratch.file("data.jsonl", "{\"a\":9007199254740993}\n{\"a\":1.50}\n{\"a\":\"x\"}\n")
    #expect(try Table.readJSONLines(path, threads: 1).column(0).texts() == ["9007199254740993", "1.5", "x"])
  }

  /// Beyond 64 bits they are exact among whole ones and texts, and rounded among fractions, whichever way they are read.
  @Test func integersBeyond64BitsAreTheSameEitherWay() throws {
    var text = ""
    for row in 0..<500 {
      text += "{\"id\": \(row), \"x\": \(row).5, \"s\": \"a\(row % 3)\", \"big\": 18446744073709551\(100 + row)}\n"
      if row % 50 == 7 { text += "\n" }
    }
    text += "{\"id\": 9223372036854775808, \"x\": 9007199254740993, \"s\": -9223372036854775809, \"big\": 1}\n"
    try compare(Array(text.utf8), comment: "huge")
    try compare(Array(text.utf8), ["id": .number, "s": .text], comment: "huge, declared")
  }

  /// Two encodings of the same letters are one name, which nothing stumbles over.
  @Test func namesOfTwoWritingsAreTold() throws {
    let text = "{\"\u{E9}\": 1, \"e\u{301}\": 2}\n"
    try compare(Array(text.utf8), comment: "names")
    let scratch = try Scratch()
    let path = try scratch.file("data.jsonl", text)
    do {
      _ = try Table.readJSONLines(path, threads: 1)
      Issue.record("it was read")
    } catch let error as TypedSourceError {
      #expect(error.problems == [.duplicateName("\u{E9}", isOtherWriting: true)])
    }
    let file = try FileHandle(reading: path)
    let rows = try InputStream(descriptor: file.descriptor, named: "standard input")
      .jsonLines(wanted: [Field(name: "\u{E9}", type: .integer)], keep: [], format: CSVFormat())
    #expect(try rows.next()?.table.column(0).texts() == ["1"])
  }

  @Test func aFileOfWhichNoLineIsARowSaysWhy() throws {
    let scratch = try Scratch()
    let path = try scratch.file("data.jsonl", "[1]\n{\"a\": 1, \"a\": 2}\n[2]\n")
    do {
      _ = try ingestJSONLines(
        path, named: "data.jsonl", format: CSVFormat(badRows: .quarantine), into: scratch.path + "/out.arrow",
        badRows: scratch.path + "/bad.csv", threads: 1, pieceSize: 1 << 19, cancellation: Cancellation(),
        progress: { _ in })
      Issue.record("it was read")
    } catch let error as CSVError {
      #expect(
        error.problems == [
          .nothingLeft(count: 3, reasons: ["2: a list where an object should be", "1: a key that stands twice"])
        ])
    }
  }

  @Test func badLinesAreLeftOutAndKept() throws {
    let scratch = try Scratch()
    var lines = (0..<200).map { "{\"n\": \($0), \"t\": \"a\($0 % 3)\"}" }
    lines[3] = "[1, 2]"
    lines[70] = "{\"n\": 70, \"t\": \"a\" \r"
    lines[71] = "{\"n\": 1, \"only here\": NaN}"
    lines[130] = "{\"n\": \"some\", \"t\": \"b, \\\"quoted\\\"\"}"
    lines[140] = "{\"n\": 1, \"n\": 2}"
    let path = try scratch.file("data.jsonl", lines.joined(separator: "\n") + "\n{\"t\": \"\u{fffd}")
    let format = CSVFormat(declared: ["n": .integer], badRows: .quarantine)
    for (pieceSize, threads) in [(1 << 19, 1), (100, 2)] {
      let report = try ingestJSONLines(
        path, named: "data.jsonl", format: format, into: "\(scratch.path)/\(pieceSize).arrow",
        badRows: "\(scratch.path)/\(pieceSize).csv", threads: threads, pieceSize: pieceSize,
        cancellation: Cancellation(), progress: { _ in })
      #expect(report.rowCount == 195)
      #expect(report.schema.names == ["n", "t"])
      #expect(report.badRowCount == 6)
      #expect(
        String(decoding: try Files.read("\(scratch.path)/\(pieceSize).csv"), as: UTF8.self) == #"""
          file,line,reason,column,record
          data.jsonl,4,a list where an object should be,,"[1, 2]"
          data.jsonl,71,a line that ends before its object,,"{""n"": 70, ""t"": ""a"" "
          data.jsonl,72,a number that is not finite,,"{""n"": 1, ""only here"": NaN}"
          data.jsonl,131,text,n,"{""n"": ""some"", ""t"": ""b, \""quoted\""""}"
          data.jsonl,141,a key that stands twice,n,"{""n"": 1, ""n"": 2}"
          data.jsonl,201,a line that ends before its object,,"{""t"": ""\#u{fffd}"

          """#)
      let column = try Table.open("\(scratch.path)/\(pieceSize).arrow").column(0)
      #expect(column.texts().first == "0" && column.missingCount == 0)
    }
  }
}

/// Files of JSON Lines with what makes them differ: order and number of keys, space, escapes, nulls, types that change.
private struct RandomJSONLines {
  private var generator: TestGenerator

  init(seed: UInt64) { generator = TestGenerator(seed: seed) }

  private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }

  private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

  mutating func file() -> [UInt8] {
    let kinds = (0..<6).map { _ in below(9) }
    let (odd, absent, shuffled, flawed) = (
      chance(0.5) ? 0.02 : 0, chance(0.5) ? 0.2 : 0, chance(0.2), chance(0.2) ? 0.02 : 0
    )
    let space = chance(0.5) ? " " : ""
    var out: [UInt8] = []
    for row in 0..<below(400) + 1 {
      var pairs = kinds.enumerated().compactMap { index, kind -> String? in
        if chance(absent) { return nil }
        let value = chance(odd) ? value(below(9), row) : value(kind, row)
        return "\"c\(index)\":\(space)\(value)"
      }
      if shuffled { pairs.shuffle(using: &generator) }
      if chance(0.02) { pairs.append("\"new\(below(3))\": \(value(below(9), row))") }
      if chance(0.05) { pairs.append("\"at\":{\"x\":\(value(0, row))}") }
      var line = "{" + pairs.joined(separator: "," + space) + "}"
      if chance(flawed) { line.remove(at: line.index(line.startIndex, offsetBy: below(line.count))) }
      out += Array((line + (chance(0.05) ? "\r\n" : chance(0.02) ? "\n\n" : "\n")).utf8)
    }
    return out
  }

  private mutating func value(_ kind: Int, _ row: Int) -> String {
    if chance(0.05) { return "null" }
    switch kind {
    case 0: return ["0", "-0", "7", "-1", "\(row)", "123456789012345", "1234567890"][below(7)]
    case 1:
      let numbers = ["0.5", "-0.0", "1e5", "2.5E-3", "1234567.8901234567", "-12.75", "3.0", "1e-300", "0.1e1"]
      return numbers[below(numbers.count)]
    case 2: return chance(0.5) ? "true" : "false"
    case 3: return "\"2024-0\(1 + below(9))-1\(below(10))\""
    case 4: return "\"2024-01-31T1\(below(10)):00:0\(below(10))\(chance(0.5) ? "Z" : "")\""
    case 5: return "\"level \(below(4))\""
    case 6: return "\"text \(row) é\""
    case 7: return "\"" + ["\\n", "\\u00e9", "\\\"", "\\\\", "\\ud83d\\ude00", "NA", ""][below(7)] + "\(below(50))\""
    default: return ["\"12\"", "\"x\"", "\"\"", "\"NA\"", "5"][below(5)]
    }
  }
}
