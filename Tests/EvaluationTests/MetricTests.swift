import Evaluation
import Statistics
import Testing

/// Where metrics have no value, and laws that hold for any rows.
@Suite struct MetricTests {
  @Test func undefinedMetricsSayWhy() throws {
    let oneClass = ScoredRows(classes: ["no", "yes"], targets: [0, 0], probabilities: [0.9, 0.1, 0.8, 0.2])
    #expect(try reason("auc", oneClass) == "no row is of the class 'yes'")
    #expect(try reason("auc", oneClass, "no") == "every row is of the class 'no'")
    #expect(try reason("average_precision", oneClass) == "no row is of the class 'yes'")
    #expect(try reason("precision", oneClass) == "no row was predicted as 'yes'")
    #expect(try reason("recall", oneClass) == "no row is of the class 'yes'")
    #expect(try reason("f1", oneClass) == "no row is of the class 'yes' or predicted as it")
    #expect(try reason("mcc", oneClass) == "all rows are of one class")
    #expect(try reason("balanced_accuracy", oneClass) == "all rows are of one class")
    #expect(try reason("macro_recall", oneClass) == "no row is of the class 'yes'")
    #expect(try reason("recall", oneClass, "maybe") == "the model has no class 'maybe'")
    #expect(try reason("accuracy", oneClass, "no") == "accuracy takes no class")
    #expect(try reason("rmse", oneClass) == "rmse does not judge binary answers")
  }

  @Test func undefinedRegressionMetricsSayWhy() throws {
    let constant = ScoredRows(targets: [0, 0], predictions: [1, 2])
    #expect(try reason("r2", constant) == "the target is constant")
    #expect(try reason("mape", constant) == "a target is zero")
    #expect(try metric("rmse").value(constant).number == 2.5.squareRoot())
  }

  @Test func noRowsLeaveAllButTheirNumberUndefined() {
    let none = ScoredRows(targets: [], predictions: [])
    for metric in MetricCatalogue.metrics(for: .number) where metric.name != "rows" {
      #expect(metric.value(none) == .undefined(because: "there are no rows"))
    }
    #expect(MetricCatalogue.metric(named: "rows")?.value(none) == .value(0))
  }

  @Test func aCertainMistakeCostsAFiniteLoss() throws {
    let rows = ScoredRows(classes: ["no", "yes"], targets: [1], probabilities: [1, 0])
    // −log(2⁻⁵²)
    #expect(abs(try #require(try metric("log_loss").value(rows).number) - 36.04365338911715) < 1e-12)
  }

  @Test func aClassThatTheModelDoesNotKnowIsAMistake() throws {
    let rows = ScoredRows(
      classes: ["a", "b", "c"], targets: [0, -1], probabilities: [1, 0, 0, 0, 1, 0])
    #expect(try metric("accuracy").value(rows).number == 0.5)
    #expect(try metric("precision").value(rows, className: "b").number == 0)
    #expect(try metric("log_loss").value(rows).number ?? 0 > 18)
  }

  @Test func thePositiveClassCanBeTheFirst() throws {
    let rows = ScoredRows(
      classes: ["bad", "good"], targets: [0, 1, 1], probabilities: [0.9, 0.1, 0.6, 0.4, 0.2, 0.8], positive: 0)
    #expect(try metric("precision").value(rows).number == 0.5)
    #expect(try metric("recall").value(rows).number == 1)
    #expect(try metric("precision").value(rows, className: "good").number == 1)
  }

  /// A row counted twice by its weight is a row that is there twice.
  @Test(arguments: 1...20) func weightsAreRepeatedRows(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for rows in [randomNumbers(&generator), randomClasses(2, &generator), randomClasses(4, &generator)] {
      let counts = (0..<rows.rowCount).map { _ in generator.nextIndex(below: 4) }
      let order = counts.indices.flatMap { Array(repeating: $0, count: counts[$0]) }
      let repeated = taking(order, of: rows)
      for metric in MetricCatalogue.metrics(for: rows.kind) where metric.kinds[rows.kind] != .required {
        let weighted = metric.statistic(rows).value(weights: counts.map(Double.init))
        switch (weighted, metric.value(repeated)) {
        case (.value(let one), .value(let other)):
          #expect(abs(one - other) < 1e-9, "\(metric.name), seed \(seed)")
        case (let one, let other): #expect(one == other, "\(metric.name), seed \(seed)")
        }
      }
    }
  }

  /// Swapping the classes turns an area under the curve around; order of rows does not matter.
  @Test(arguments: 1...20) func areasAreSymmetric(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let rows = randomClasses(2, &generator)
    let auc = try metric("auc")
    guard let yes = auc.value(rows, className: "0").number, let no = auc.value(rows, className: "1").number else {
      return
    }
    #expect(abs(yes - no) < 1e-12)
    var order = Array(0..<rows.rowCount)
    generator.shuffle(&order)
    #expect(auc.value(taking(order, of: rows)).number == no)
  }

  @Test func everyMetricHasItsOwnNameAndASummary() {
    let names = MetricCatalogue.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(MetricCatalogue.all.allSatisfy { !$0.summary.isEmpty && !$0.kinds.isEmpty })
  }

  private func metric(_ name: String) throws -> Metric { try #require(MetricCatalogue.metric(named: name)) }

  private func reason(_ name: String, _ rows: ScoredRows, _ className: String? = nil) throws -> String? {
    try metric(name).value(rows, className: className).reason
  }
}

func randomNumbers(_ generator: inout SeededGenerator) -> ScoredRows {
  let targets = (0..<40).map { _ in generator.nextUnit() + 1 }
  return ScoredRows(targets: targets, predictions: targets.map { $0 + generator.nextUnit() - 0.5 })
}

/// Rows of classes named 0, 1, … with coarse probabilities, so that there are ties.
func randomClasses(_ count: Int, _ generator: inout SeededGenerator) -> ScoredRows {
  var targets: [Int] = []
  var probabilities: [Double] = []
  for _ in 0..<60 {
    let target = generator.nextIndex(below: count)
    var shares = (0..<count).map { _ in Double(generator.nextIndex(below: 4)) }
    shares[target] += 1
    let sum = shares.reduce(0, +)
    targets.append(target)
    probabilities += shares.map { $0 / sum }
  }
  return ScoredRows(classes: (0..<count).map(String.init), targets: targets, probabilities: probabilities)
}

private func taking(_ order: [Int], of rows: ScoredRows) -> ScoredRows {
  if rows.kind == .number {
    return ScoredRows(targets: order.map { rows.targets[$0] }, predictions: order.map { rows.predictions[$0] })
  }
  let width = rows.classes.count
  return ScoredRows(
    classes: rows.classes, targets: order.map { rows.targetClasses[$0] },
    probabilities: order.flatMap { rows.predictions[$0 * width..<($0 + 1) * width] },
    decisions: order.map { rows.decisions[$0] }, positive: rows.positive)
}
