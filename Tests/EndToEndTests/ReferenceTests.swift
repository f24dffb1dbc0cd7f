import Basics
import Foundation
import Testing

/// Predictions of the example models against scikit-learn fitted on the same rows with the same penalty.
///
/// `Fixtures/reference/parts.json` was written by `Tests/Reference/export_parts.py`, the CSV files by
/// `Tests/Reference/fit_examples.py` (numpy 2.4.6, scikit-learn 1.9.1).
@Suite struct ReferenceTests {
  private func fixture(_ name: String) throws -> String {
    let path = try #require(Bundle.module.path(forResource: name, ofType: nil, inDirectory: "Fixtures/reference"))
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  private func table(_ text: String) -> (header: [String], rows: [[String]]) {
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return (lines[0], Array(lines[1...]))
  }

  @Test(arguments: TrainTests.examples)
  func predictionsAgreeWithScikitLearn(_ name: String) throws {
    let sandbox = try Sandbox()
    let parts = try JSON(parsing: fixture("parts.json"))[name]
    let run = try sandbox.run("train", "workflows/\(name).yaml", "--format", "json").json()
    let facts = run.step("model")?["report"]?["facts"]
    #expect(facts?["rows"]?.intValue == parts?["train_rows"]?.arrayValue?.count, "the split is another one")
    #expect(facts?["l2"]?.doubleValue == parts?["l2"]?.doubleValue, "the tuned penalty is another one")
    let ending = try sandbox.run("predict", name, "datasets/\(name)/\(name).csv")
    #expect(ending.code == 0, "\(ending.diagnostics)")
    let ours = table(ending.output)
    let reference = table(try fixture("\(name).csv"))
    #expect(ours.rows.count == reference.rows.count)
    var largest = 0.0
    for (index, column) in ours.header.enumerated() {
      let other = try #require(reference.header.firstIndex(of: column))
      for (row, expected) in zip(ours.rows, reference.rows) {
        if let a = Double(row[index]), let b = Double(expected[other]) {
          largest = max(largest, abs(a - b))
        } else {
          #expect(row[index] == expected[other])
        }
      }
    }
    #expect(largest < 1e-6, "the largest difference is \(largest)")
  }
}
