import Basics
import Foundation
import Testing

/// Odd data either works as a user expects or is told with file, row and column, and exit 65.
@Suite struct OddDataTests {
  private static let workflow = """
    workflow: odd
    steps:
      data:
        ingest: { source: data.csv, target: y, missing: [NA] }
      parts:
        split: { test: 25% }
      model:
        train: { objective: linear, penalty: { l2: 0.01 } }
      scores:
        evaluate: {}
      release:
        deploy: { model: odd }
    """

  private func train(_ bytes: [UInt8], _ overrides: [String] = []) throws -> Tool.Ending {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(Self.workflow, to: "workflows/odd.yaml")
    try sandbox.write(bytes: bytes, to: "data.csv")
    return try sandbox.run(["train", "workflows/odd.yaml"] + overrides.flatMap { ["--set", $0] })
  }

  /// y = 2x + noise-free offset, with one more column whose text the caller gives.
  private func rows(_ count: Int, _ other: (Int) -> String) -> String {
    "x,z,y\n" + (0..<count).map { "\($0 * 7 % 23),\(other($0)),\($0 * 7 % 23 * 2 + 1)\n" }.joined()
  }

  @Test func anEmptyFileIsTold() throws {
    let ending = try train([])
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("data.csv"))
    #expect(ending.diagnostics.contains("empty"))
  }

  @Test func aHeaderWithoutRowsIsTold() throws {
    let ending = try train(Array("x,y\n".utf8))
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("no rows"))
  }

  @Test func oneRowIsTold() throws {
    let ending = try train(Array("x,y\n1,2\n".utf8))
    #expect(ending.code == 65, "\(ending.diagnostics)")
  }

  @Test func oneClassIsTold() throws {
    let ending = try train(
      Array(("x,y\n" + (0..<50).map { "\($0),yes\n" }.joined()).utf8), ["steps.model.train.objective=logistic"])
    #expect(ending.code == 65, "\(ending.diagnostics)")
    #expect(ending.diagnostics.contains("fewer than two classes"))
  }

  @Test func aConstantColumnIsDroppedAndSaid() throws {
    let ending = try train(Array(rows(60) { _ in "5" }.utf8))
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(ending.diagnostics.contains("'z'"))
  }

  @Test func anAllMissingColumnIsDroppedAndSaid() throws {
    let ending = try train(Array(rows(60) { _ in "NA" }.utf8))
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(ending.diagnostics.contains("'z'"))
  }

  @Test func aDuplicateHeaderIsTold() throws {
    let ending = try train(Array("x,x,y\n1,2,3\n".utf8))
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("data.csv:1"))
    #expect(ending.diagnostics.contains("'x'"))
  }

  @Test func fiveThousandColumnsTrain() throws {
    let header = (0..<5000).map { "c\($0)" }.joined(separator: ",")
    let text =
      "y,\(header)\n"
      + (0..<40).map { row in
        "\(row)," + (0..<5000).map { String((row * 31 + $0 * 17) % 101) }.joined(separator: ",") + "\n"
      }.joined()
    let ending = try train(Array(text.utf8))
    #expect(ending.code == 0, "\(ending.diagnostics.suffix(2000))")
  }

  @Test func aFieldOfAMegabyteIsRead() throws {
    let long = String(repeating: "a", count: 1 << 20)
    let ending = try train(Array(rows(60) { $0 == 30 ? long : "text \($0)" }.utf8))
    #expect(ending.code == 0, "\(ending.diagnostics.suffix(2000))")
  }

  @Test func aNULByteIsToldWithItsPlace() throws {
    let ending = try train(Array("x,y\n1,2\n3\u{0},4\n".utf8))
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("data.csv:3"))
    #expect(ending.diagnostics.contains("NUL"))
  }

  @Test func latin1TextIsTold() throws {
    let ending = try train(Array("x,y\n".utf8) + [0x63, 0x61, 0x66, 0xe9, 0x2c, 0x31, 0x0a])
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("data.csv:2"))
    #expect(ending.diagnostics.contains("UTF-8"))
    #expect(ending.diagnostics.contains("iconv"))
  }

  @Test(arguments: ["1e400", "NaN", "inf", "99999999999999999999"])
  func numbersThatAreNoneAreNeverSilentlyWrong(_ text: String) throws {
    let declared = try train(
      Array(rows(300) { $0 == 50 ? text : "\($0 % 13)" }.utf8), ["steps.data.ingest.columns={z: number}"])
    if text == "99999999999999999999" {
      #expect(declared.code == 0 || declared.code == 65, "\(declared.diagnostics)")
    } else {
      #expect(declared.code == 65, "\(declared.diagnostics)")
      #expect(declared.diagnostics.contains("data.csv:52"))
      #expect(declared.diagnostics.contains("'z'"))
    }
    let inferred = try train(Array(rows(300) { $0 == 50 ? text : "\($0 % 13)" }.utf8))
    #expect(inferred.code == 0 || inferred.code == 65, "\(inferred.diagnostics)")
    #expect(inferred.diagnostics.contains("'z'"), "the stray cell is told: \(inferred.diagnostics)")
  }

  @Test func raggedRowsAreToldWithTheirPlace() throws {
    let ending = try train(Array("x,z,y\n1,2,3\n1,2\n1,2,3,4\n".utf8))
    #expect(ending.code == 65)
    #expect(ending.diagnostics.contains("data.csv:3"))
  }

  @Test func aMissingTargetStopsUnlessToldOtherwise() throws {
    let text = "x,y\n" + (0..<60).map { "\($0 * 3 % 17),\($0 == 10 ? "NA" : String($0 * 3 % 17 + 1))\n" }.joined()
    let strict = try train(Array(text.utf8))
    #expect(strict.code == 65)
    #expect(strict.diagnostics.contains("'y'"))
    #expect(strict.diagnostics.contains("missing_target: drop"))
    let lenient = try train(Array(text.utf8), ["steps.data.ingest.missing_target=drop"])
    #expect(lenient.code == 0, "\(lenient.diagnostics)")
  }

  @Test func aByteOrderMarkAndCRLFAreNothing() throws {
    let plain = try train(Array(rows(60) { "\($0 % 5)" }.utf8))
    let text = rows(60) { "\($0 % 5)" }.split(separator: "\n").joined(separator: "\r\n") + "\r\n"
    let marked = try train([0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(plain.code == 0 && marked.code == 0, "\(marked.diagnostics)")
    func digest(_ ending: Tool.Ending) -> Substring? {
      ending.output.split(separator: "\n").first { $0.hasPrefix("model:") }
    }
    #expect(digest(plain) != nil && digest(plain) == digest(marked))
  }

  @Test func unicodeNamesAndLevelsWork() throws {
    let text =
      "größe,町,y\n"
      + (0..<80).map { "\($0 * 5 % 19),\(["東京", "köln", "🐧"][$0 % 3]),\($0 * 5 % 19 + $0 % 3)\n" }.joined()
    let ending = try train(Array(text.utf8))
    #expect(ending.code == 0, "\(ending.diagnostics)")
  }
}
