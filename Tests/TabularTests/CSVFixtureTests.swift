import Basics
import Diagnostics
import Testing

@testable import Tabular

/// Every `Fixtures/csv/NAME.csv` gives what `NAME.txt` says; see the README beside them.
@Suite struct CSVFixtureTests {
  static let folder = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures/csv"

  static let names = ((try? Files.list(folder)) ?? []).filter { $0.hasSuffix(".csv") }.map { String($0.dropLast(4)) }

  @Test func thereAreCases() { #expect(Self.names.count >= 150) }

  @Test(arguments: names, [1 << 20, 5])
  func fixtureGivesWhatItsTextSays(name: String, pieceSize: Int) throws {
    var expected = String(decoding: try Files.read("\(Self.folder)/\(name).txt"), as: UTF8.self)
    var format = CSVFormat()
    if expected.hasPrefix("format: ") {
      let line = expected.prefix { $0 != "\n" }
      format = Self.format(String(line.dropFirst(8)))
      expected.removeFirst(line.count + 1)
    }
    let bytes = try Files.read("\(Self.folder)/\(name).csv")
    var found: String
    do {
      let (table, report, _) = try ingest(bytes, format, threads: 2, pieceSize: pieceSize)
      found = fixtureText(table) + report.notes.map(fixtureText).joined()
      for (reason, count) in report.badRows.sorted(by: { $0.key < $1.key }) {
        found += "bad rows: \(count) \(reason)\n"
      }
    } catch let error as CSVError {
      found = error.diagnostics.map(fixtureText).joined()
    }
    #expect(found == expected)
  }

  private static func format(_ line: String) -> CSVFormat {
    var format = CSVFormat()
    for setting in line.split(separator: " ") {
      let parts = setting.split(separator: "=").map(String.init)
      let byte = parts.count < 2 ? 0 : parts[1] == "tab" ? 9 : parts[1] == "none" ? 0 : Array(parts[1].utf8)[0]
      switch parts[0] {
      case "missing": format.missing = parts[1].split(separator: ",").map(String.init)
      case "sniff": format.request = format.request ?? DialectRequest()
      case "delimiter": set(\.delimiter, \.delimiter, byte, in: &format)
      case "quote": set(\.quote, \.quote, byte, in: &format)
      case "escape": set(\.escape, \.escape, byte, in: &format)
      case "comment": set(\.comment, \.comment, byte, in: &format)
      case "decimal": set(\.decimal, \.decimal, byte, in: &format)
      case "thousands": set(\.thousands, \.thousands, byte, in: &format)
      case "header":
        format.hasHeader = parts[1] == "true"
        format.request?.header = parts[1] == "true"
      case "encoding": format.encoding = TextEncoding(rawValue: parts[1])
      case "trim": format.trims = parts[1] == "true"
      case "bad_rows": format.badRows = BadRowPolicy(rawValue: parts[1]) ?? .fail
      default: format.declared[parts[0]] = ColumnType(rawValue: parts[1])
      }
    }
    return format
  }

  /// Sets a byte of the dialect, and says so to what sniffs the others.
  private static func set(
    _ known: WritableKeyPath<CSVDialect, UInt8>, _ asked: WritableKeyPath<DialectRequest, UInt8?>, _ byte: UInt8,
    in format: inout CSVFormat
  ) {
    format.dialect[keyPath: known] = byte
    format.request?[keyPath: asked] = byte
  }
}
