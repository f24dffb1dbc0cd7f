import Basics
import Glibc
import Tabular

/// A folder that is removed with its content when the test is done.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = "/tmp/mlflowctl-tabular-\(uniqueSuffix())"
    try Files.makeFolder(path)
  }

  deinit { try? Files.removeTree(path) }

  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let path = "\(path)/\(name)"
    try FileHandle(creating: path).write(Array(bytes))
    return path
  }

  func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that a failing case can be made again from its seed.
struct TestGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A table of every type, with missing values, awkward texts and extreme numbers.
func randomTable(rows: Int, seed: UInt64, hasTimestamps: Bool = false) -> Table {
  var generator = TestGenerator(seed: seed)
  func column<Value>(_ make: (inout TestGenerator) -> Value) -> [Value?] {
    let missingShare: Double = [0.0, 0.1, 1.0].randomElement(using: &generator) ?? 0
    return (0..<rows).map { _ -> Value? in
      if Double.random(in: 0..<1, using: &generator) < missingShare { return nil }
      return make(&generator)
    }
  }
  let pieces = ["a", "B", "é", "\"", ",", "\n", "\r\n", " ", "日本", "0", "'", "x\ty"]
  var columns = [
    ColumnData("integer", .integers(column { Int64(bitPattern: $0.next()) >> Int64.random(in: 0...62, using: &$0) })),
    ColumnData(
      "number",
      .numbers(
        column { generator in
          let value = Double(bitPattern: generator.next())
          return value.isFinite ? value : Double.random(in: -1...1, using: &generator)
        })),
    ColumnData("boolean, quoted \"name\"", .booleans(column { Bool.random(using: &$0) })),
    ColumnData("date", .dates(column { Int32.random(in: -700_000...2_900_000, using: &$0) })),
    ColumnData("category", .categories(column { "k" + (pieces.randomElement(using: &$0) ?? "") + "k" })),
    ColumnData(
      "text",
      .texts(
        column { generator in
          let middle = (0..<Int.random(in: 0...6, using: &generator))
            .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
          return "t" + middle + "t"
        })),
  ]
  if hasTimestamps {
    let values = column { Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &$0) }
    columns.append(ColumnData("timestamp", .timestamps(values)))
  }
  return Table(columns: columns)
}

/// All cells as text, column by column.
func cells(_ table: Table) -> [[String?]] {
  table.schema.fields.indices.map { index in
    let column = table.column(index)
    return (0..<table.rowCount).map(column.text)
  }
}

/// Runs a program and returns its exit code and what it printed.
func runProgram(_ arguments: [String], output: String) throws -> (code: Int32, text: String) {
  let quoted = arguments.map { "'" + $0 + "'" }.joined(separator: " ")
  let status = system("\(quoted) > '\(output)' 2>&1")
  return (status >> 8, String(decoding: try Files.read(output), as: UTF8.self))
}

/// The path of something in `Fixtures`.
func fixture(_ name: String) -> String {
  "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures/" + name
}
