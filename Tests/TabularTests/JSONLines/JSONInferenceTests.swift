import Basics
import Testing

@testable import Tabular

/// Which lines made the type of a column what it is.
@Suite struct JSONInferenceTests {
  private func steps(_ text: String, declared: [String: ColumnType] = [:], pieceSize: Int) throws -> [String] {
    let scratch = try Scratch()
    let path = try scratch.file("data.jsonl", text)
    let report = try ingestJSONLines(
      path, named: "data.jsonl", format: CSVFormat(declared: declared), into: scratch.path + "/out.arrow", threads: 2,
      pieceSize: pieceSize, cancellation: Cancellation(), progress: { _ in })
    return report.inferences.flatMap { inference in
      inference.steps.map {
        "\(inference.column) \($0.from?.rawValue ?? "-") \($0.to) line \($0.line ?? 0) \($0.text)"
      }
    }
  }

  @Test(arguments: [1 << 19, 1])
  func linesThatForcedATypeAreTold(pieceSize: Int) throws {
    var text = (0..<300).map { "{\"n\": \($0), \"s\": \($0), \"d\": \"2024-01-31\", \"id\": 7, \"x\": 0.5}\n" }.joined()
    text += "\n{\"n\": 1.25, \"s\": \"zz\", \"d\": \"2024-02-01T12:00\", \"id\": 18446744073709551616, \"x\": 1}\n"
    let expected = [
      "n integer number line 302 1.25", "s integer text line 302 zz",
      "id integer category line 302 18446744073709551616",
    ]
    #expect(try steps(text, pieceSize: pieceSize) == expected)
    #expect(try steps(text, declared: ["s": .text, "n": .number], pieceSize: pieceSize) == [expected[2]])
  }

  @Test func nothingIsToldOfColumnsThatAreWhatTheirFirstValueIs() throws {
    #expect(try steps("{\"a\": 1.5}\n{\"a\": 2}\n{\"a\": 3}\n", pieceSize: 1 << 19).isEmpty)
  }
}
