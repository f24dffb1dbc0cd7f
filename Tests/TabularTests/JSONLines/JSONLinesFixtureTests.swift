import Basics
import Diagnostics
import Testing

@testable import Tabular

/// Every `Fixtures/jsonl/NAME.jsonl` gives what `NAME.txt` says, however it is cut into pieces; see the README beside them.
@Suite struct JSONLinesFixtureTests {
  static let folder =
    "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures/jsonl"

  static let names = ((try? Files.list(folder)) ?? []).filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }

  @Test func thereAreCases() { #expect(Self.names.count >= 60) }

  @Test(arguments: names, [(1 << 20, 1), (5, 2)])
  func fixtureGivesWhatItsTextSays(name: String, cut: (pieceSize: Int, threads: Int)) throws {
    var expected = String(decoding: try Files.read("\(Self.folder)/\(name).txt"), as: UTF8.self)
    var settings: (declared: [String: ColumnType], missing: [String]) = ([:], [])
    if expected.hasPrefix("format: ") {
      let line = expected.prefix { $0 != "\n" }
      settings = fixtureSettings(String(line.dropFirst(8)))
      expected.removeFirst(line.count + 1)
    }
    let scratch = try Scratch()
    var found: String
    do {
      let report = try ingestJSONLines(
        "\(Self.folder)/\(name).jsonl", named: "data.jsonl",
        format: CSVFormat(missing: settings.missing, declared: settings.declared), into: scratch.path + "/out.arrow",
        threads: cut.threads, pieceSize: cut.pieceSize,
        cancellation: Cancellation(), progress: { _ in })
      found = fixtureText(try Table.open(scratch.path + "/out.arrow")) + report.notes.map(fixtureText).joined()
      #expect(report.sourceDigest == Digest(of: try Files.read("\(Self.folder)/\(name).jsonl")))
    } catch let error as any Diagnosable {
      found = error.diagnostics.map(fixtureText).joined()
    }
    #expect(found == expected)
  }
}
