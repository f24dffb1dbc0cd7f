import Basics
import Foundation
import Testing

/// Sparse data through the built binary: from the file to served predictions.
@Suite struct SparseTests {
  private static let svm = """
    workflow: sparse
    seed: 4
    steps:
      data: { ingest: { source: datasets/rows.svm, target: label } }
      quality: { validate: { rows: { min: 100 }, columns: { features: { type: sparse } } } }
      parts: { split: { test: 25%, stratify: label } }
      model: { train: { objective: logistic, penalty: { l2: 0.001 } } }
      scores: { evaluate: {} }
      bar: { gate: { require: [accuracy >= 0.8] } }
      release: { deploy: { model: sparse } }
    """

  /// 2,000 rows over 100,000 indices, of which the first hundred tell the class.
  private func rows() -> String {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    return (0..<2000).map { _ in
      let label = next(2)
      var indices: Set<Int> = []
      for _ in 0..<8 { indices.insert(100 + next(99_900)) }
      for _ in 0..<3 { indices.insert(next(50) * 2 + (next(10) < 9 ? label : 1 - label)) }
      return "\(label == 1 ? "+1" : "-1") "
        + indices.sorted().map { "\($0):\(0.5 + Double($0 % 7) / 8)" }
        .joined(separator: " ")
    }.joined(separator: "\n") + "\n"
  }

  @Test func aLibsvmFileIsTrainedServedAndPredicted() throws {
    let sandbox = try Sandbox(examples: false)
    let text = rows()
    try sandbox.write(text, to: "datasets/rows.svm")
    try sandbox.write(Self.svm, to: "workflows/sparse.yaml")
    let run = try sandbox.run("train", "workflows/sparse.yaml", "--format", "json")
    #expect(run.code == 0, "\(run.diagnostics)")
    let document = try run.json()
    #expect(document["verdict"]?.stringValue == "pass")
    #expect(sandbox.served("sparse") != nil)
    let batch = try sandbox.run("predict", "sparse", "datasets/rows.svm", "--keep", "label")
    #expect(batch.code == 0, "\(batch.diagnostics)")
    let lines = batch.output.split(separator: "\n")
    #expect(lines.first == "label,prediction,probability_-1,probability_1")
    #expect(lines.count == 2001)
    for row in [0, 1, 777, 1999] {
      let line = String(text.split(separator: "\n")[row]) + "\n"
      let single = try sandbox.run("predict", "sparse", "--keep", "label", input: line)
      #expect(single.output.split(separator: "\n").last == lines[row + 1])
    }
    let threads = try sandbox.run(
      "train", "workflows/sparse.yaml", "--force", "model", "--threads", "3", "--memory", "1MB", "--format", "json")
    #expect(try threads.json().modelDigest == document.modelDigest)
  }

  @Test func initWritesAWorkflowForALibsvmFile() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(rows(), to: "datasets/rows.svm")
    let made = try sandbox.run("init", "datasets/rows.svm", "--name", "mine")
    #expect(made.code == 0, "\(made.diagnostics)")
    #expect(try sandbox.read("workflows/mine.yaml").contains("objective: logistic"))
    #expect(try sandbox.run("train", "workflows/mine.yaml").code == 0)
  }

  /// Up to 2,000 sparse columns have the standard errors of the same rows written out, and means to explain against.
  @Test func fewSparseColumnsHaveStandardErrorsAndMeans() throws {
    let sandbox = try Sandbox(examples: false)
    var (svm, csv) = ("", "label,a,b,c,d\n")
    for row in 0..<240 {
      let values = (0..<4).map { column in
        (row * (5 + 2 * column) + column * column + row / 7) % 5 < 2
          ? Double((row * (7 + 4 * column) + 13 * column) % 17) / 4 : 0
      }
      let label = values[0] - values[1] / 2 + Double(row * 37 % 101) / 25
      svm +=
        "\(label) "
        + values.indices.filter { values[$0] != 0 }.map { "\($0 + 1):\(values[$0])" }.joined(separator: " ") + "\n"
      csv += "\(label)," + values.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    try sandbox.write(svm, to: "datasets/rows.svm")
    try sandbox.write(csv, to: "datasets/rows.csv")
    var errors: [[Double]] = []
    for kind in ["svm", "csv"] {
      try sandbox.write(
        """
        workflow: \(kind)
        steps:
          data: { ingest: { source: datasets/rows.\(kind), target: label } }
          model:
            train: { objective: linear, penalty: none, tolerance: 1e-12, features: { numeric: { scale: none } }, inference: { robust: hc3 } }
          release: { deploy: { model: \(kind) } }
        """, to: "workflows/\(kind).yaml")
      let run = try sandbox.run("train", "workflows/\(kind).yaml")
      #expect(run.code == 0, "\(run.diagnostics)")
      let shown = try sandbox.run("models", "show", kind, "--coefficients", "--format", "json").json()
      let coefficients = shown["coefficients"]?.arrayValue ?? shown.arrayValue ?? []
      errors.append(coefficients.compactMap { $0["standard_error"]?.doubleValue })
    }
    #expect(errors[0].count == 5 && errors[1].count == 5)
    for (sparse, dense) in zip(errors[0], errors[1]) { #expect(abs(sparse / dense - 1) < 1e-8) }
    let explained = try sandbox.run("explain", "svm", "datasets/rows.svm", "--row", "4", "--format", "json")
    #expect(explained.code == 0, "\(explained.diagnostics)")
    let answer = try explained.json()
    let output = try #require(answer["outputs"]?.arrayValue?.first)
    let parts = output["contributions"]?.arrayValue ?? []
    var sum = output["start"]?.doubleValue ?? .nan
    for name in answer["order"]?.arrayValue ?? [] {
      sum += parts.first { $0["feature"] == name }?["contribution"]?.doubleValue ?? .nan
    }
    sum += output["rounding"]?.doubleValue ?? .nan
    #expect(sum == output["score"]?.doubleValue && answer["prediction"] == output["score"])
    #expect(parts.contains { $0["feature"] == "features without entry" })
    // What the row does not have counts against the mean as the same row written out has it.
    let dense = try sandbox.run("explain", "csv", "datasets/rows.csv", "--row", "4", "--format", "json").json()
    let start = try #require(dense["outputs"]?.arrayValue?.first?["start"]?.doubleValue)
    #expect(abs(start - (output["start"]?.doubleValue ?? .nan)) < 1e-9)
  }

  @Test(arguments: [
    ("parts: { split: { test: 25%, stratify: features } }", 6),
    ("parts: { split: { test: 25%, group: features } }", 6),
    ("scores: { evaluate: { slices: [features] } }", 8),
  ])
  func aSparseColumnTellsNoRowsApart(_ line: String, at number: Int) throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write(rows(), to: "datasets/rows.svm")
    let name = line.prefix { $0 != ":" }
    let lines = Self.svm.split(separator: "\n").map { $0.hasPrefix("  \(name):") ? "  " + line : String($0) }
    try sandbox.write(lines.joined(separator: "\n") + "\n", to: "workflows/sparse.yaml")
    let run = try sandbox.run("train", "workflows/sparse.yaml")
    #expect(run.code == 3 || run.code == 65)
    #expect(run.diagnostics.contains("error: column 'features' is sparse"), "\(run.diagnostics)")
    #expect(run.diagnostics.contains("sparse.yaml:\(number):"), "\(run.diagnostics)")
  }

  @Test func flawsOfALibsvmFileAreToldWithTheirPlace() throws {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write("+1 1:1 2:2\n-1 3:1 2:2\n", to: "datasets/rows.svm")
    try sandbox.write(Self.svm, to: "workflows/sparse.yaml")
    let run = try sandbox.run("train", "workflows/sparse.yaml")
    #expect(run.code == 65)
    #expect(run.diagnostics.contains("datasets/rows.svm:2:8: error: the index is smaller than the one before it"))
  }

  @Test func textAndManyLevelsAreHashedAndPredicted() throws {
    let sandbox = try Sandbox(examples: false)
    var csv = "id,stars,review,shop,liked\n"
    for row in 0..<1500 {
      let liked = row % 2 == 0
      let word = liked ? ["great", "lovely", "Superb"][row % 3] : ["awful", "poor", "broken"][row % 3]
      csv += "\(row),\(Double(row % 50) / 10),\"word\(row * 7 % 811) \(word) word\(row * 13 % 503), really\","
      csv += "shop\(row * 31 % 977),\(liked ? "yes" : "no")\n"
    }
    try sandbox.write(csv, to: "datasets/reviews.csv")
    try sandbox.write(
      """
      workflow: reviews
      steps:
        data: { ingest: { source: datasets/reviews.csv, target: liked, columns: { shop: category } } }
        parts: { split: { test: 30%, stratify: liked } }
        model:
          train:
            objective: logistic
            features:
              drop: [id]
              text: { encode: hash, buckets: 4096, ngrams: 2 }
              categorical: { encode: hash, buckets: 512 }
            penalty: { l2: tune }
            tune: { folds: 3 }
        scores: { evaluate: {} }
        bar: { gate: { require: [accuracy >= 0.95] } }
        release: { deploy: { model: reviews } }
      """, to: "workflows/reviews.yaml")
    let run = try sandbox.run("train", "workflows/reviews.yaml", "--format", "json")
    #expect(run.code == 0, "\(run.diagnostics) \(run.output)")
    let answer = try sandbox.run(
      "predict", "reviews", input: "stars,review,shop\n1,a SUPERB thing,unheard of\n1,\"poor, broken\",shop31\n")
    #expect(answer.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[0] } == ["yes", "no"])
    let shown = try sandbox.run("models", "show", "reviews")
    #expect(shown.code == 0 && shown.output.split(separator: "\n").count < 200)
  }
}
