import Basics
import Glibc
import Testing

@testable import Tabular

/// Rows from a descriptor, whatever they are written in.
@Suite struct InputStreamTests {
  private let wanted = [Field(name: "t", type: .category), Field(name: "n", type: .number)]

  /// The cells of `t`, then those of `n`, and the format that was told.
  private func read(_ path: String) throws -> (SourceFormat, [String?]) {
    let file = try FileHandle(reading: path)
    let input = try InputStream(descriptor: file.descriptor, named: "standard input")
    var cells: [[String?]] = [[], []]
    func take(_ next: () throws -> CSVBatch?) throws {
      while let batch = try next() {
        for index in 0..<2 { cells[index] += batch.table.column(index).texts() }
      }
    }
    switch input.format {
    case .csv: try take(input.csv(wanted: wanted, keep: [], format: CSVFormat()).next)
    case .jsonl: try take(input.jsonLines(wanted: wanted, keep: [], format: CSVFormat()).next)
    default: try take(input.file(wanted: wanted, keep: [], csv: CSVFormat(), threads: 2).next)
    }
    return (input.format, cells[0] + cells[1])
  }

  @Test func everyFormatIsToldByItsFirstBytes() throws {
    let scratch = try Scratch()
    let csv = try scratch.file("rows.csv", "n,other,t\n1.5,x,a\n,y,b\n")
    let lines = try scratch.file("rows.jsonl", "{\"n\": 1.5, \"t\": \"a\"}\n{\"t\": \"b\"}\n")
    let arrow = scratch.path + "/rows.arrow"
    try Table(columns: [ColumnData("n", .numbers([1.5, nil])), ColumnData("t", .texts(["a", "b"]))]).write(to: arrow)
    for (path, format) in [(csv, SourceFormat.csv), (lines, .jsonl), (arrow, .arrow)] {
      #expect(system("gzip -k '\(path)'") == 0)
      for path in [path, path + ".gz"] {
        let (told, cells) = try read(path)
        #expect(told == format, "\(path)")
        #expect(cells == ["a", "b", "1.5", nil], "\(path)")
      }
    }
  }

  @Test func aColumnThatNoLineHasIsTold() throws {
    let scratch = try Scratch()
    let path = try scratch.file("rows.jsonl", "{\"n\": 1.5}\n")
    #expect(throws: CSVError("standard input", [.missingColumn("t", nearest: "n", use: .wanted)])) {
      _ = try read(path)
    }
  }
}
