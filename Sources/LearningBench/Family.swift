import Basics
import Learning

/// Many small problems of a folder: `problems.json` lists them, each a NumPy file `[X | weights | offsets | y]`. What
/// `Benchmarks/random_family.py` gives to its peers as well.
enum Family {
  /// One line of JSON a problem.
  static func run(_ folder: String, threads: Int) throws {
    let problems = try JSON(parsing: Files.read("\(folder)/problems.json")).arrayValue ?? []
    for problem in problems {
      let design = try design(problem, in: folder)
      let settings = settings(problem, threads: threads)
      let watch = ContinuousClock.now
      let fitted = try fit(design, settings, cancellation: Cancellation())
      let seconds = watch.duration(to: .now) / .seconds(1)
      let line: JSON = [
        "file": problem["file"] ?? .null, "seconds": .number(seconds), "coefficients": JSON(fitted.coefficients),
        "intercepts": JSON(fitted.intercepts), "objective": .number(fitted.objectiveValue),
        "converged": .bool(fitted.converged), "gap": fitted.dualityGap.map { .number($0) } ?? .null,
        "gradient_norm": .number(fitted.gradientNorm), "iterations": JSON(fitted.iterations),
        "solver": .string(fitted.solver),
      ]
      print(line.canonical)
    }
  }

  private static func design(_ problem: JSON, in folder: String) throws -> DenseDesign {
    let matrix = try NumpyMatrix("\(folder)/\(problem["file"]?.stringValue ?? "")")
    let rows = matrix.rowCount
    func column(_ index: Int) -> [Double] { (0..<rows).map { matrix.columns[index * rows + $0] } }
    var width = matrix.columnCount - 1
    func takeLast(_ key: String) -> [Double]? {
      guard problem[key]?.boolValue == true else { return nil }
      width -= 1
      return column(width)
    }
    let offsets = takeLast("offsets")
    let weights = takeLast("weights")
    return DenseDesign(
      columnCount: width, values: (0..<width).flatMap(column), targets: column(matrix.columnCount - 1),
      weights: weights, offsets: offsets)
  }

  private static func settings(_ problem: JSON, threads: Int) -> FitSettings {
    let objective: Objective =
      switch problem["objective"]?.stringValue {
      case "logistic": .logistic
      case "poisson": .poisson
      case "multinomial": .multinomial(classes: problem["classes"]?.intValue ?? 2)
      default: .linear
      }
    return FitSettings(
      objective: objective,
      penalty: Penalty(l1: problem["l1"]?.doubleValue ?? 0, l2: problem["l2"]?.doubleValue ?? 0),
      intercept: problem["intercept"]?.boolValue ?? true, threads: threads)
  }
}
