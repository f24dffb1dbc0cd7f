import Basics
import Testing

@testable import Learning

struct SeparationTests {
  private func diagnosis(
    _ columns: [[Double]], _ targets: [Double], _ objective: Objective = .logistic, direction: [Double]? = nil,
    intercept: Bool = true, classes: [String] = [], booleans: Set<Int> = []
  ) throws -> String? {
    let names = (1...columns.count).map { "x\($0)" }
    var settings = FitSettings(objective: objective, intercept: intercept, columnNames: names, classNames: classes)
    settings.booleanColumns = booleans
    let direction = direction ?? [Double](repeating: 0, count: columns.count * objective.outputs)
    return try separationDiagnosis(
      of: Sample(columns: columns, targets: targets).design, settings, direction: direction,
      cancellation: Cancellation())
  }

  private let end = ": without a penalty the coefficients grow without bound"

  @Test func aColumnThatSeparatesIsNamedWithItsSide() throws {
    let noise = [0.3, -1, 0.2, 4, 0.1, -0.5]
    #expect(
      try diagnosis([noise, [1, 2, 3, 4, 5, 6]], [0, 0, 0, 1, 1, 1])
        == "column 'x2' alone separates the classes: every row of class 2 lies above all others" + end)
    #expect(
      try diagnosis([[1, 2, 3, 4, 5, 6], noise], [1, 1, 1, 0, 0, 0], classes: ["no", "yes"])
        == "column 'x1' alone separates the classes: every row of class 'yes' lies below all others" + end)
  }

  @Test func aLevelWithOneClassOnlyIsNamed() throws {
    let noise = [-2, -1, 0.2, -4, 0.1, -0.5]
    #expect(
      try diagnosis([noise, [0, 0, 0, 1, 1, 0]], [0, 1, 0, 1, 1, 1], classes: ["no", "yes"])
        == "column 'x2' separates the classes in part: every row where it is 1 is of class 'yes'" + end)
    #expect(
      try diagnosis([noise, [0, 0, 0, 1, 1, 0]], [0, 1, 0, 0, 0, 1], classes: ["no", "yes"])
        == "column 'x2' separates the classes in part: every row where it is 1 is of class 'no'" + end)
    #expect(
      try diagnosis([noise, [-2, -2, -2, 1, 1, -2]], [0, 1, 0, 0, 0, 1])
        == "column 'x2' separates the classes in part: every row where it is the larger value is of class 1" + end)
    #expect(
      try diagnosis([noise, [1, 2, 3, 3, 5, 6]], [0, 0, 0, 1, 1, 1])
        == "column 'x2' alone separates the classes but for ties: no row of class 2 lies below any other" + end)
  }

  /// Whatever numbers the encoder made of them.
  @Test func aBooleanIsToldAsTrueOrFalse() throws {
    let noise = [-2, -1, 0.2, -4, 0.1, -0.5]
    let flags = [-0.7, -0.7, -0.7, 1.4, 1.4, -0.7]
    #expect(
      try diagnosis([noise, flags], [0, 1, 0, 0, 0, 1], booleans: [1])
        == "column 'x2' separates the classes in part: every row where it is true is of class 1" + end)
    #expect(
      try diagnosis([noise, flags], [1, 1, 1, 0, 0, 1], classes: ["no", "yes"], booleans: [1])
        == "column 'x2' alone separates the classes: it is false in all rows of class 'yes' and in no other" + end)
    #expect(
      try diagnosis([noise, flags], [1, 2, 0, 0, 0, 3], .poisson, booleans: [1])
        == "column 'x2' separates counts of 0: it is the same in all rows that count more, and every row where it is true "
        + "counts 0" + end)
  }

  @Test func aLevelWithoutAClassIsNamed() throws {
    let noise = [0.3, -1, 0.2, 4, 0.1, -0.5]
    #expect(
      try diagnosis(
        [noise, [0, 1, 0, 1, 0, 0]], [0, 0, 1, 1, 2, 2], .multinomial(classes: 3), classes: ["a", "b", "c"])
        == "column 'x2' separates the classes in part: no row where it is 1 is of class 'c'" + end)
  }

  @Test func aCombinationIsNamedByItsLargestParts() throws {
    let first = [1.0, 2, 3, 1, 2, 3]
    let second = [1.5, 2.5, 3.5, 0.5, 1.5, 2.5]
    let noise = [0.3, -1, 0.2, 4, 0.1, -0.5]
    let note = "columns 'x2', 'x1' together separate the classes, and none of them alone" + end
    #expect(try diagnosis([first, second, noise], [0, 0, 0, 1, 1, 1], direction: [9, -9, 1e-6]) == note)
    #expect(try diagnosis([first, second, noise], [0, 0, 0, 1, 1, 1], direction: [1, 1, 0]) == nil)
    #expect(
      try diagnosis(
        [first, second, noise], [0, 0, 0, 1, 1, 1], .multinomial(classes: 2), direction: [-9, 9, 0, 9, -9, 1e-6])
        == note)
  }

  @Test func classesThatOverlapAreNotSeparated() throws {
    #expect(try diagnosis([[1, 2, 3, 2.5, 5, 6]], [0, 0, 0, 1, 1, 1], direction: [1]) == nil)
  }

  @Test func withoutAnInterceptTheBoundaryIsZero() throws {
    #expect(try diagnosis([[1, 2, 3, 4, 5, 6]], [0, 0, 0, 1, 1, 1], intercept: false) == nil)
    #expect(try diagnosis([[-3, -2, -1, 4, 5, 6]], [0, 0, 0, 1, 1, 1], intercept: false) != nil)
  }

  @Test func aColumnThatIsNotZeroOnlyWhereCountsAreZeroSeparates() throws {
    #expect(
      try diagnosis([[0.3, -1, 0.2, 4, 0.1, -0.5], [0, 0, 0, 1, 1, 0]], [1, 2, 0, 0, 0, 3], .poisson)
        == "column 'x2' separates counts of 0: it is the same in all rows that count more, and every row where it is larger "
        + "counts 0" + end)
    #expect(try diagnosis([[0, 0, 0, 1, 1, 0]], [1, 2, 0, 0, 4, 3], .poisson) == nil)
  }

  /// The fit runs away along its coefficients, which the diagnosis takes as the direction.
  @Test func aRealFitThatRunsAwayIsExplained() throws {
    var sample = try Sample("breast_cancer").standardised
    // Far from each other, so that all other columns have little to say.
    sample.targets = sample.columns[4].indices.map { sample.columns[4][$0] + 2 * sample.columns[1][$0] > 0.3 ? 1 : 0 }
    let settings = FitSettings(objective: .logistic, columnNames: sample.columns.indices.map { "x\($0 + 1)" })
    let fit = try fit(sample.design, settings, cancellation: Cancellation())
    #expect(!fit.converged)
    #expect(
      fit.notes.contains { $0.hasSuffix("together separate the classes, and none of them alone" + end) }, "\(fit.notes)"
    )
  }
}
