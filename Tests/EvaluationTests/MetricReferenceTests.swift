import Basics
import Evaluation
import Testing

/// Against scikit-learn: `Fixtures/metrics_reference.py`.
@Suite struct MetricReferenceTests {
  @Test(arguments: [
    "regression", "binary", "binary_sharp", "multi", "counts", "regression_weighted", "counts_weighted",
    "binary_weighted",
    "multi_weighted",
  ])
  func metricsAgreeWithScikitLearn(_ name: String) throws {
    let example = try #require(try reference()[name])
    let rows = try scoredRows(example)
    let report = MetricReport(rows)
    let expected = try #require(example["expected"]?.objectValue)
    for (key, value) in expected {
      let ours = try #require(report[key]?.number, "\(key) of \(name)")
      let theirs = try #require(value.doubleValue)
      #expect(abs(ours - theirs) <= 1e-12 * max(1, abs(theirs)), "\(key) of \(name): \(ours), expected \(theirs)")
    }
    let undefined = report.entries.filter { $0.value.number == nil }.map(\.key)
    #expect(undefined == (rows.kind == .count ? ["mape"] : []))
    #expect(Set(report.entries.map(\.key)) == Set(expected.keys).union(undefined))
  }

  @Test(arguments: ["binary", "multi", "binary_weighted", "multi_weighted"])
  func confusionMatrixAgreesWithScikitLearn(_ name: String) throws {
    let example = try #require(try reference()[name])
    let matrix = ConfusionMatrix(try scoredRows(example))
    let expected = try #require(example["confusion"]?.arrayValue).flatMap { $0.arrayValue ?? [] }.map(\.doubleValue)
    for (ours, theirs) in zip(matrix.counts, expected) { #expect(abs(ours - (theirs ?? .nan)) <= 1e-12 * max(1, ours)) }
    #expect(matrix.counts.count == expected.count)
  }

  @Test func reportsOfSeveralPartsAreThoseOfEach() throws {
    let parts = try ["binary", "counts", "multi_weighted"].map { try scoredRows(try #require(try reference()[$0])) }
    for threads in [1, 3] {
      #expect(MetricReport.all(of: parts, threads: threads) == parts.map { MetricReport($0) }, "\(threads) threads")
    }
    #expect(MetricReport.all(of: [], threads: 2).isEmpty)
  }

  @Test func reportIsCanonicalJSON() throws {
    let rows = ScoredRows(classes: ["a", "b c"], targets: [0, 1], probabilities: [0.75, 0.25, 0.5, 0.5])
    let json = MetricReport(rows).json
    #expect(json["rows"] == 2)
    #expect(json["metrics"]?["recall(\"b c\")"]?.doubleValue == 0)
    #expect(json["undefined"]?["precision"]?.stringValue == "no row was predicted as 'b c'")
    #expect(json["confusion"]?.canonical == "[[1,0],[1,0]]")
  }

  private func reference() throws -> JSON {
    try JSON(parsing: try Files.read(fixture("metrics_reference.json")))
  }

  private func scoredRows(_ example: JSON) throws -> ScoredRows {
    func numbers(_ key: String) throws -> [Double] {
      try #require(example[key]?.arrayValue).compactMap(\.doubleValue)
    }
    let weights = example["weights"] == nil ? nil : try numbers("weights")
    guard let classes = example["classes"]?.arrayValue else {
      return ScoredRows(
        targets: try numbers("targets"), predictions: try numbers("predictions"),
        ofCounts: example["counts"]?.boolValue == true, weights: weights)
    }
    return ScoredRows(
      classes: classes.compactMap(\.stringValue), targets: try numbers("targets").map { Int($0) },
      probabilities: try numbers("probabilities"), weights: weights)
  }
}

/// The path of a file in `Fixtures`.
func fixture(_ name: String) -> String {
  (Files.parentFolder(of: #filePath) ?? ".") + "/Fixtures/" + name
}
