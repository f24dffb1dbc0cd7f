import Basics
import Diagnostics
import Execution
import Inference
import Learning
import Tabular

/// Rows of a table with all that a fit needs to know of them beside the features.
struct TrainingRows: Sendable {
  /// Row numbers in the table, ascending.
  var rows: [Int]
  /// As the solver wants them, one a row.
  var targets: [Double]
  var weights: [Double]?
  var offsets: [Double]?

  func picking(_ positions: [Int]) -> TrainingRows {
    if positions.count == rows.count { return self }
    return TrainingRows(
      rows: positions.map { rows[$0] }, targets: positions.map { targets[$0] },
      weights: weights.map { weights in positions.map { weights[$0] } },
      offsets: offsets.map { offsets in positions.map { offsets[$0] } })
  }
}

/// The table of a `train` step: its target, and its rows with their parts to play.
struct TrainingData: Sendable {
  let table: Table
  let target: Target
  let objective: ModelObjective
  let offset: OffsetColumn?
  /// The training rows that have a target and a weight above 0.
  let training: TrainingRows
  /// Rows of the training part without a target, and of weight 0.
  let droppedRows: Int
  let weightlessRows: Int
  let failures = EncodingFailures()
  private let data: PartitionedTable
  /// Names the table in the store.
  var tableDigest: Digest { data.tableDigest }
  private let role: TargetRole
  private let settings: TrainingSettings

  init(_ settings: TrainingSettings, _ data: PartitionedTable) throws {
    self.settings = settings
    self.data = data
    table = data.table
    objective = settings.objective
    role = TargetRole(json: settings.json["target"] ?? [:])
    if let part = settings.roles[role.name] {
      throw SettingProblem(
        [part],
        .error("two-roles", "column '\(role.name)' cannot be both target and \(part)", help: ["name another column"]))
    }
    offset = try settings.offset.map { try Self.offset($0.name, $0.isExposure, in: data.table) }
    let column = try role.column(in: data.table)
    let found = try role.rowsWithTarget(data.rows(of: data.trainingPart), of: column)
    droppedRows = found.dropped
    var rows = found.rows
    var weights: [Double]?
    if let name = settings.weight {
      let all = try WeightColumn(name, in: data.table).values(
        .rows(rows), count: rows.count, areCounts: settings.weightsAreCounts)
      // A row of weight 0 counts as if it were not there: for the encoder, too.
      let kept = rows.indices.filter { all[$0] > 0 }
      weights = kept.map { all[$0] }
      rows = kept.map { rows[$0] }
    }
    weightlessRows = found.rows.count - rows.count
    guard !rows.isEmpty else {
      throw found.rows.isEmpty
        ? SettingProblem([], .error("no-rows", "there is no row to train on", help: ["hold out fewer rows"]))
        : SettingProblem(
          ["weight"],
          .error(
            "no-weight", "every weight of '\(settings.weight ?? "")' is 0 in the training rows",
            help: ["mend the column, or leave 'weight' out"]))
    }
    target = try Self.target(role.name, settings, rows, of: data.table, unweighted: found.rows)
    if case .given(let classWeights) = settings.classWeight {
      for name in classWeights.keys.sorted() where !target.classes.contains(name) {
        throw SettingProblem(
          ["class_weight", name],
          .error(
            "unknown-class", "the target '\(role.name)' has no class '\(name)' in the training rows",
            help: [
              nearestName(to: name, among: target.classes).map { "did you mean '\($0)'?" }
                ?? "the classes are \(target.classes.prefix(12).joined(separator: ", "))"
            ]))
      }
    }
    training = try Self.read(rows, weights: weights, target, offset, objective, in: data.table)
    if let problem = training.targetProblem(objective, name: role.name) { throw SettingProblem(["target"], problem) }
  }

  /// The target in `rows`, of which those of weight 0 are left out. Where they are why there is one class, it is told of the
  /// weights.
  private static func target(
    _ name: String, _ settings: TrainingSettings, _ rows: [Int], of table: Table, unweighted: [Int]
  ) throws -> Target {
    func found(_ rows: [Int]) throws(InferenceError) -> Target {
      try Target.fit(
        table, name: name, rows: selection(rows, of: table), objective: settings.objective,
        positive: settings.json["positive"]?.stringValue)
    }
    do {
      return try found(rows)
    } catch {
      guard case InferenceError.oneClass = error, rows.count < unweighted.count else { throw error }
      _ = try found(unweighted)
      throw SettingProblem(
        ["weight"],
        .error(
          "one-class",
          "every row of all classes of '\(name)' but one has the weight 0 in '\(settings.weight ?? "")', and counts for "
            + "nothing",
          help: ["mend the column of weights, or leave 'weight' out"]))
    }
  }

  private static func offset(_ name: String, _ isExposure: Bool, in table: Table) throws -> OffsetColumn {
    let part = isExposure ? "exposure" : "offset"
    guard let column = table.column(named: name) else {
      throw SettingProblem([part], unknownColumn(name, in: table, role: "the \(part)"))
    }
    guard column.type == .integer || column.type == .number else {
      throw SettingProblem(
        [part],
        .error(
          "mistyped-\(part)", "the \(part) '\(name)' holds \(column.type.rawValue), expected numbers",
          help: ["declare its type number under ingest.columns, or name another column"]))
    }
    return OffsetColumn(name: name, type: column.type, isExposure: isExposure)
  }

  private static func read(
    _ rows: [Int], weights: [Double]?, _ target: Target, _ offset: OffsetColumn?, _ objective: ModelObjective,
    in table: Table
  ) throws -> TrainingRows {
    let selection = selection(rows, of: table)
    let bound = try target.bind(to: table)
    var targets = [Double](repeating: 0, count: rows.count)
    targets.withUnsafeMutableBufferPointer { bound.readForFit(objective, selection, 0..<rows.count, into: $0) }
    var offsets: [Double]?
    if let bound = try offset?.bind(to: table) {
      var terms = [Double](repeating: 0, count: rows.count)
      try terms.withUnsafeMutableBufferPointer { try bound.read(selection, 0..<rows.count, into: $0) }
      offsets = terms
      if let row = terms.firstIndex(where: { abs($0) > Self.largestOffset }) {
        throw Self.offsetProblem(bound.offset, term: terms[row], row: rows[row] + 1)
      }
    }
    return TrainingRows(rows: rows, targets: targets, weights: weights, offsets: offsets)
  }

  /// e to more than this is no number, or 0.
  private static let largestOffset = 700.0

  private static func offsetProblem(_ offset: OffsetColumn, term: Double, row: Int) -> SettingProblem {
    let size = term > 0 ? "large" : "small"
    return SettingProblem(
      [offset.isExposure ? "exposure" : "offset"],
      offset.isExposure
        ? .error(
          "bad-exposure", "the exposure '\(offset.name)' is too \(size) in row \(row)",
          help: ["give it in another unit, or mend that row"])
        : .error(
          "bad-offset",
          "the offset '\(offset.name)' is \(shortNumber(term)) in row \(row), and the rate is multiplied by e to it: "
            + "that is \(term > 0 ? "too large for a number" : "0")",
          help: [
            "an offset is the logarithm of what multiplies the rate; name that itself under 'exposure', or mend that row"
          ]))
  }

  /// All rows of a table need no list of them.
  static func selection(_ rows: [Int], of table: Table) -> RowSelection {
    rows.count == table.rowCount ? .all : .rows(rows)
  }

  /// The rows of the validation part that have a target of a known class and a weight above 0; nil where there is no such
  /// part.
  func validation() throws -> TrainingRows? {
    guard data.parts.contains("validation") else { return nil }
    var rows = try role.rowsWithTarget(data.rows(of: "validation"), of: role.column(in: table)).rows
    var weights: [Double]?
    if let name = settings.weight {
      let all = try WeightColumn(name, in: table).values(.rows(rows), count: rows.count)
      let kept = rows.indices.filter { all[$0] > 0 }
      weights = kept.map { all[$0] }
      rows = kept.map { rows[$0] }
    }
    var found = try Self.read(rows, weights: weights, target, offset, objective, in: table)
    if objective.isClassifier {
      let bound = try target.bind(to: table)
      var classes = [Double](repeating: 0, count: rows.count)
      classes.withUnsafeMutableBufferPointer { bound.read(Self.selection(rows, of: table), 0..<rows.count, into: $0) }
      found = found.picking(classes.indices.filter { classes[$0] >= 0 })
    }
    return found.rows.isEmpty ? nil : found
  }

  /// Fits the encoder of `settings` on some rows.
  func encoder(
    _ settings: TrainingSettings, on rows: TrainingRows, dropsLevel: Bool, threads: Int
  ) throws -> (encoder: Encoder, notes: [Diagnostic]) {
    let roles = settings.roles
    let features = table.schema.names.filter { $0 != target.name && roles[$0] == nil }
    return try Encoder.fit(
      table, features: features, rows: Self.selection(rows.rows, of: table), weights: rows.weights,
      settings: settings.encoderSettings(), dropsLevel: dropsLevel, threads: threads)
  }

  /// Rows as a fit reads them: with the weights of their classes, which are of these rows.
  func fitted(_ rows: TrainingRows, _ encoder: Encoder, _ settings: TrainingSettings) throws -> any DesignSource {
    try checkSolver(encoder, settings)
    return try encoded(rows, encoder, weights: classWeighted(rows, settings))
  }

  /// Whether rows are sparse is known once they can be encoded.
  private func checkSolver(_ encoder: Encoder, _ settings: TrainingSettings) throws {
    guard let solver = settings.solver, solver != .coordinateDescent, encoder.isSparse != (solver == .truncatedNewton)
    else { return }
    let isGrid = self.settings.grid.contains { $0.path == "solver" }
    throw SettingProblem(
      isGrid ? ["tune", "grid", "solver"] : ["solver"],
      .error(
        "solver-for-rows",
        encoder.isSparse
          ? "the solver '\(solver.rawValue)' is for dense rows, and these are sparse"
          : "the solver '\(solver.rawValue)' is for sparse rows, and these are dense",
        help: ["leave the choice to 'auto'"]))
  }

  /// Rows as they are judged: with their own weights alone.
  func judged(_ rows: TrainingRows, _ encoder: Encoder) throws -> any DesignSource {
    try encoded(rows, encoder, weights: rows.weights)
  }

  /// Sparse rows stay sparse.
  private func encoded(_ rows: TrainingRows, _ encoder: Encoder, weights: [Double]?) throws -> any DesignSource {
    let encoded = EncodedRows(
      encoder: try encoder.bind(to: table), rows: Self.selection(rows.rows, of: table), targets: rows.targets,
      weights: weights, offsets: rows.offsets, failures: failures)
    return encoder.isSparse ? SparseEncodedRows(encoded) : encoded
  }

  /// The classes as `targets` has them: of a logistic model 1 is the positive one.
  var fittedClasses: [String] {
    objective == .logistic
      ? [1 - (target.positive ?? 1), target.positive ?? 1].map { target.classes[$0] } : target.classes
  }

  /// Weights of rows times those of their classes; balanced ones are n / (k · n_c) with sums of weights in place of counts.
  private func classWeighted(_ rows: TrainingRows, _ settings: TrainingSettings) -> [Double]? {
    if settings.classWeight == .none { return rows.weights }
    let classes = fittedClasses
    var sums = [Double](repeating: 0, count: classes.count)
    for (index, value) in rows.targets.enumerated() { sums[Int(value)] += rows.weights?[index] ?? 1 }
    let total = sums.reduce(0, +)
    let factors = classes.indices.map { index -> Double in
      switch settings.classWeight {
      case .none: return 1
      case .balanced: return sums[index] > 0 ? total / (Double(classes.count) * sums[index]) : 0
      case .given(let weights): return weights[classes[index]] ?? 1
      }
    }
    return rows.targets.indices.map { (rows.weights?[$0] ?? 1) * factors[Int(rows.targets[$0])] }
  }
}
