import Basics
import Statistics
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

/// Quasi-separation: the gradient fades while coefficients grow, along a column that is hardly ever there, or along a
/// combination of columns none of which does anything alone.
struct QuasiSeparationTests {
  private func hash(_ value: Int, _ modulus: Int) -> Double { Double(value % modulus) / Double(modulus) - 0.5 }

  private func fitted(_ columns: [[Double]], _ targets: [Double], _ objective: Objective, isSparse: Bool = false) throws
    -> Fit
  {
    let settings = FitSettings(objective: objective, columnNames: columns.indices.map { "x\($0 + 1)" })
    let sample = Sample(columns: columns, targets: targets)
    return isSparse
      ? try fit(sample.sparseDesign, settings, cancellation: never)
      : try fit(sample.design, settings, cancellation: never)
  }

  private func noise(_ count: Int, _ factor: Int) -> [Double] {
    (1...count).map { hash($0 * $0 * factor + $0 * 7919, 1009) }
  }

  /// One row in a thousand has the flag, and is of class 1.
  @Test(arguments: [false, true])
  func aRareLevelIsFound(isSparse: Bool) throws {
    let count = 3000
    let x = noise(count, 31)
    let flag = (1...count).map { $0 % 1000 == 7 ? 1.0 : 0 }
    let targets = (0..<count).map { flag[$0] == 1 || x[$0] + hash($0 * 104_729, 983) > 0 ? 1.0 : 0 }
    let result = try fitted([x, flag], targets, .logistic, isSparse: isSparse)
    #expect(!result.converged)
    #expect(
      result.notes.contains {
        $0.hasPrefix("column 'x2' separates the classes in part: every row where it is 1 is of")
      },
      "\(result.notes)")
    let counts = targets.indices.map { flag[$0] == 1 ? 0 : targets[$0] + 1 }
    let poisson = try fitted([x, flag], counts, .poisson, isSparse: isSparse)
    #expect(!poisson.converged && poisson.notes.contains { $0.hasPrefix("column 'x2' separates counts of 0") })
    let three = targets.indices.map { flag[$0] == 1 ? 2.0 : x[$0] + hash($0 * 31, 977) > 0.2 ? 2 : targets[$0] }
    let classes = try fitted([x, flag], three, .multinomial(classes: 3), isSparse: isSparse)
    #expect(!classes.converged && classes.notes.contains { $0.hasPrefix("column 'x2' separates") }, "\(classes.notes)")
  }

  /// Rows off the plane x1 + x2 − x3 + x4 = 0 are of the class of their side, those on it of either; x5 and x6 tell
  /// something of the classes on the plane.
  @Test(arguments: [3, 5, 8, 13, 21, 34], [false, true])
  func aPlaneOfFourColumnsIsFound(seed: Int, isSparse: Bool) throws {
    let count = 240
    var columns = (0..<6).map { column in
      (1...count).map { ((hash($0 * ($0 + seed) * (31 + 6 * column) + column, 1009)) * 8).rounded() }
    }
    for row in 0..<count where row % 3 != 0 {
      columns[3][row] = columns[2][row] - columns[0][row] - columns[1][row]
    }
    let targets = (0..<count).map { row -> Double in
      let side = columns[0][row] + columns[1][row] - columns[2][row] + columns[3][row]
      if side != 0 { return side > 0 ? 1 : 0 }
      return columns[4][row] + 3 * columns[5][row] + 20 * hash(row * row * seed + 77 * row, 997) > 0 ? 1 : 0
    }
    let result = try fitted(columns, targets, .logistic, isSparse: isSparse)
    #expect(!result.converged)
    let note = result.notes.first { $0.contains("together separate the classes, and none of them alone") } ?? ""
    for name in ["'x1'", "'x2'", "'x3'", "'x4'"] { #expect(note.contains(name), "\(result.notes)") }
    #expect(!note.contains("'x5'") && !note.contains("'x6'"), "\(result.notes)")
  }

  /// Rows far off the plane, which weigh nothing by the time that the others are fitted.
  @Test(arguments: 1...12)
  func rowsFarOffAPlaneAreFound(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let count = 90
    var columns = (0..<6).map { _ in (0..<count).map { _ in (normal(&random) * 64).rounded() / 64 } }
    let signs = (0..<5).map { _ in random.nextUnit() < 0.5 ? -1.0 : 1 }
    let targets = (0..<count).map { row -> Double in
      if row % 2 == 0 {
        columns[4][row] = -signs[4] * (0..<4).reduce(0) { $0 + signs[$1] * columns[$1][row] }
      } else {
        columns[0][row] *= 20
      }
      let side = (0..<5).reduce(0) { $0 + signs[$1] * columns[$1][row] }
      return side == 0 ? (random.nextUnit() < 0.5 ? 1 : 0) : side > 0 ? 1 : 0
    }
    let result = try fitted(columns, targets, .logistic)
    #expect(!result.converged)
    let note = result.notes.first { $0.contains("together separate the classes") } ?? ""
    for name in ["'x1'", "'x2'", "'x3'", "'x4'", "'x5'"] { #expect(note.contains(name), "\(result.notes)") }
    #expect(!note.contains("'x6'"))
  }

  /// One of three classes lies beyond x1 + x2 = 1; the other two overlap.
  @Test(arguments: [3, 5, 8], [false, true])
  func aClassApartFromTwoThatOverlapIsFound(seed: Int, isSparse: Bool) throws {
    let count = 300
    let columns = [31, 37, 41].map { factor in (1...count).map { hash($0 * ($0 + seed) * factor, 1009) * 4 } }
    let targets = (0..<count).map { row -> Double in
      if columns[0][row] + columns[1][row] > 1 { return 2 }
      return columns[2][row] + 4 * hash(row * row * seed + 77 * row, 997) > 0 ? 1 : 0
    }
    let result = try fitted(columns, targets, .multinomial(classes: 3), isSparse: isSparse)
    #expect(!result.converged)
    #expect(
      result.notes.contains {
        $0.hasPrefix("columns 'x1', 'x2' together separate") || $0.hasPrefix("columns 'x2', 'x1' together separate")
      }, "\(result.notes)")
  }

  /// More columns than rows separate counts of 0, and no column holds only those.
  @Test func countsWithMoreColumnsThanRowsAreNotMisnamed() throws {
    let columns = (0..<40).map { column in (1...20).map { hash($0 * $0 * (31 + 2 * column) + $0 * 7919, 1009) } }
    let targets = (1...20).map { Double($0 % 4) }
    let result = try fitted(columns, targets, .poisson)
    #expect(!result.converged)
    #expect(!result.notes.contains { $0.contains("only counts of 0") || $0.contains("first") }, "\(result.notes)")
    #expect(
      result.notes.contains { $0.contains("combination of columns separates the counts of 0") }, "\(result.notes)")
  }

  /// What is not separated converges, whatever is rare.
  @Test(arguments: [false, true])
  func aRareLevelOfBothClassesConverges(isSparse: Bool) throws {
    let count = 3000
    let x = noise(count, 31)
    let flag = (1...count).map { $0 % 1000 == 7 ? 1.0 : 0 }
    let targets = (0..<count).map {
      flag[$0] == 1 ? ($0 < 1000 ? 1.0 : 0) : x[$0] + hash($0 * 104_729, 983) > 0 ? 1 : 0
    }
    let result = try fitted([x, flag], targets, .logistic, isSparse: isSparse)
    #expect(result.converged && result.notes.isEmpty, "\(result.notes)")
  }
}
