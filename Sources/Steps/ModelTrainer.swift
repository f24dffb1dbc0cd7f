import Basics
import DataValidation
import Diagnostics
import Execution
import Inference
import Learning
import ObjectStore
import Statistics
import Tabular

/// What training made, before it is stored.
struct TrainedModel {
  var model: Model
  /// The reference profile: what the training rows looked like.
  var profile: JSON
  var report: JSON
  var warnings: [Diagnostic]
  var summary: String
}

/// Fits one model: encoder on the training rows, penalty by cross-validation where asked, then the final fit.
struct ModelTrainer {
  private let action: Action
  private let context: StepContext
  private let objective: ObjectiveName
  private let data: PartitionedTable
  private let target: TargetRole
  private let column: Column
  private let rows: [Int]
  private let droppedRows: Int
  private let classes: [String]
  private let targets: [Double]
  private let encoderSettings: EncoderSettings

  init(action: Action, context: StepContext) throws {
    self.action = action
    self.context = context
    guard let input = action.inputs.first,
      let objective = action.settings["objective"]?.stringValue.flatMap(ObjectiveName.init(rawValue:))
    else { throw SettingProblem(["objective"], .error("no-objective", "the objective is missing")) }
    self.objective = objective
    data = try PartitionedTable(input, in: context.store, cancellation: context.cancellation)
    target = TargetRole(json: action.settings["target"] ?? [:])
    column = try target.column(in: data.table)
    (rows, droppedRows) = try target.rowsWithTarget(data.rows(of: data.trainingPart), of: column)
    guard !rows.isEmpty else {
      throw SettingProblem([], .error("no-rows", "there is no row to train on", help: ["hold out fewer rows"]))
    }
    if objective.isClassification {
      classes = try Self.classes(of: column, rows: rows, objective: objective, positive: action.settings["positive"]?.stringValue)
      let index = classIndex(classes)
      targets = rows.map { row in column.text(row).flatMap { index[$0] }.map(Double.init) ?? .nan }
    } else {
      classes = []
      targets = try numericTargets(column, rows: rows)
    }
    encoderSettings = try EncoderSettings(json: action.settings["features"] ?? [:])
  }

  /// The classes in a fixed order: numbers by value, texts by bytes, the positive one last.
  private static func classes(
    of column: Column, rows: [Int], objective: ObjectiveName, positive: String?
  ) throws -> [String] {
    if column.type == .number {
      throw SettingProblem(
        ["objective"],
        .error(
          "target-type", "the target '\(column.name)' holds numbers, expected classes for objective '\(objective.rawValue)'",
          help: ["use objective 'linear'"]))
    }
    var found: Set<String> = []
    for row in rows {
      if let text = column.text(row), found.insert(text).inserted, found.count > 1000 {
        throw SettingProblem(
          ["target"],
          .error("too-many-classes", "the target '\(column.name)' has more than 1000 classes", help: ["check that it is the right column"]))
      }
    }
    var classes = found.sorted { left, right in
      if let a = Int64(left), let b = Int64(right) { return a < b }
      return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
    guard classes.count >= 2 else {
      throw SettingProblem(
        ["target"],
        .error(
          "one-class", "the target '\(column.name)' has one class in the training rows, expected two or more",
          help: ["use data that has every class, for example with 'stratify: \(column.name)' in the split"]))
    }
    if objective == .logistic, classes.count > 2 {
      throw SettingProblem(
        ["objective"],
        .error(
          "too-many-classes", "the target '\(column.name)' has \(classes.count) classes, expected two for objective 'logistic'",
          help: ["use objective 'multinomial'"]))
    }
    if let positive {
      guard let index = classes.firstIndex(of: positive) else {
        throw SettingProblem(
          ["positive"], .error("unknown-class", "the positive class is not among the classes of '\(column.name)'"))
      }
      classes.append(classes.remove(at: index))
    }
    return classes
  }

  private var learningObjective: Objective {
    switch objective {
    case .linear: .linear
    case .logistic: .logistic
    case .multinomial: .multinomial(classes: classes.count)
    }
  }

  private var features: [String] {
    data.table.schema.fields.map(\.name).filter { $0 != target.name }
  }

  private func fitSettings(l2: Double) -> FitSettings {
    var settings = FitSettings(objective: learningObjective, l2: l2)
    settings.intercept = action.settings["intercept"]?.boolValue ?? true
    settings.tolerance = action.settings["tolerance"]?.doubleValue ?? 1e-8
    settings.maximumIterations = action.settings["max_iterations"]?.intValue ?? 200
    settings.threads = context.threads
    settings.memory = context.memory
    return settings
  }

  /// The encoder fitted on `positions` of the training rows, and those rows encoded by it.
  private func encoder(positions: [Int], dropsLevel: Bool) throws -> (Encoder, [Diagnostic]) {
    try Encoder.fit(
      data.table, features: features, rows: .rows(positions.map { rows[$0] }), settings: encoderSettings,
      dropsLevel: dropsLevel)
  }

  private func encoded(_ encoder: Encoder, positions: [Int]) -> EncodedRows {
    EncodedRows(
      table: data.table, encoder: encoder, rows: positions.map { rows[$0] }, targets: positions.map { targets[$0] })
  }

  func train() throws -> TrainedModel {
    let everyPosition = Array(rows.indices)
    let penalty = action.settings["penalty"]
    var tuning: PenaltyPath?
    var l2 = penalty?["l2"]?.doubleValue ?? 0
    if penalty?["l2"]?.stringValue == "tune" {
      let path = try tune()
      tuning = path
      l2 = path.chosen
    }
    let (encoder, notes) = try encoder(positions: everyPosition, dropsLevel: l2 == 0)
    let source = encoded(encoder, positions: everyPosition)
    let fitted = try fit(source, fitSettings(l2: l2), cancellation: context.cancellation)
    let model = Model(
      objective: objective.rawValue, target: Field(name: target.name, type: column.type), classes: classes,
      encoder: encoder, coefficients: fitted.coefficients, intercepts: fitted.intercepts,
      facts: facts(fitted, l2: l2, encoder))
    let profile = try TableProfile(
      data.table, columns: encoder.inputs.map(\.name) + [target.name], rows: rows, threads: context.threads,
      cancellation: context.cancellation)
    return trained(model, fitted, profile.json, l2: l2, tuning, notes)
  }

  /// Cross-validation: for each fold an encoder of its own, fitted on the other folds' rows, so that nothing leaks.
  private func tune() throws -> PenaltyPath {
    let folds = action.settings["tune"]?["folds"]?.intValue ?? 5
    guard rows.count >= 2 * folds else {
      throw SettingProblem(
        ["penalty"],
        .error(
          "too-few-rows", "\(rows.count) training rows are too few to tune with \(folds) folds",
          help: ["give the penalty as a number, or lower 'folds'"]))
    }
    let assignment = foldAssignment(folds)
    var settings = PathSettings(fit: fitSettings(l2: 0))
    settings.oneStandardError = action.settings["tune"]?["one_standard_error"]?.boolValue ?? false
    let context = context
    return try fitPath(settings, folds: folds, cancellation: context.cancellation) { fold in
      let inside = rows.indices.filter { assignment[$0] != fold }
      let outside = rows.indices.filter { assignment[$0] == fold }
      let (encoder, _) = try encoder(positions: inside, dropsLevel: false)
      context.progress(Double(fold) / Double(folds + 1))
      return (encoded(encoder, positions: inside), encoded(encoder, positions: outside))
    }
  }

  /// The fold of each training row: rows ranked by a hash of seed and row number, dealt out in turn; within each class for
  /// classification, so that folds have every class.
  private func foldAssignment(_ folds: Int) -> [Int] {
    let seed = derivedSeed(UInt64(bitPattern: Int64(action.seed ?? 0)), "folds")
    let ranked = rows.indices.map { position in
      (objective.isClassification ? targets[position] : 0, rowHash(seed: seed, row: UInt64(rows[position])), position)
    }.sorted { $0 < $1 }
    var assignment = [Int](repeating: 0, count: rows.count)
    for (rank, entry) in ranked.enumerated() { assignment[entry.2] = rank % folds }
    return assignment
  }

  private func facts(_ fitted: Fit, l2: Double, _ encoder: Encoder) -> JSON {
    [
      "rows": JSON(rows.count), "columns": JSON(encoder.outputNames.count), "l2": .number(l2),
      "intercept": .bool(fitSettings(l2: l2).intercept), "objective_value": .number(fitted.objectiveValue),
      "gradient_norm": .number(fitted.gradientNorm), "iterations": JSON(fitted.iterations),
      "converged": .bool(fitted.converged), "solver": .string(fitted.solver),
    ]
  }

  private func trained(
    _ model: Model, _ fitted: Fit, _ profile: JSON, l2: Double, _ tuning: PenaltyPath?, _ notes: [Diagnostic]
  ) -> TrainedModel {
    var warnings = notes + fitted.notes.map { Diagnostic.warning("fit", $0) }
    if !fitted.converged {
      warnings.append(
        .warning(
          "not-converged", "the solver stopped after \(fitted.iterations) iterations before it converged",
          help: ["raise 'max_iterations', or add a penalty"]))
    }
    if droppedRows > 0 {
      warnings.append(.warning("dropped-rows", "\(droppedRows) rows without a target were left out"))
    }
    var report: JSON = [
      "facts": model.facts, "coefficients": model.coefficientTable.json,
      "classes": JSON(classes), "dropped_rows": JSON(droppedRows),
    ]
    if let condition = fitted.conditionEstimate { report["condition"] = .number(condition) }
    if let tuning { report["tuning"] = tuning.json }
    return TrainedModel(
      model: model, profile: profile, report: report, warnings: warnings,
      summary: "\(objective.rawValue), \(rows.count) rows × \(model.encoder.outputNames.count) columns, l2 \(shortNumber(l2))"
        + (fitted.converged ? ", converged in \(fitted.iterations)" : ", not converged"))
  }
}
