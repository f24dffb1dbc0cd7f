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
struct ModelTrainer: Sendable {
  private let settings: JSON
  private let seed: UInt64
  private let context: StepContext
  private let objective: ModelObjective
  private let data: PartitionedTable
  private let target: Target
  /// The training rows of the table that have a target, ascending.
  private let rows: [Int]
  private let droppedRows: Int
  /// By position in `rows`, as the solver wants them.
  private let targets: [Double]
  private let encoderSettings: EncoderSettings

  init(action: Action, context: StepContext) throws {
    settings = action.settings
    seed = UInt64(bitPattern: Int64(action.seed ?? 0))
    self.context = context
    let input = try action.requiredInput("data")
    guard let objective = settings["objective"]?.stringValue.flatMap(ModelObjective.init(rawValue:))
    else { throw SettingProblem(["objective"], .error("no-objective", "the objective is missing")) }
    self.objective = objective
    data = try PartitionedTable(input, in: context.store, cancellation: context.cancellation)
    let role = TargetRole(json: settings["target"] ?? [:])
    let column = try role.column(in: data.table)
    let rows = try role.rowsWithTarget(data.rows(of: data.trainingPart), of: column)
    self.rows = rows.rows
    droppedRows = rows.dropped
    guard !rows.rows.isEmpty else {
      throw SettingProblem([], .error("no-rows", "there is no row to train on", help: ["hold out fewer rows"]))
    }
    target = try Target.fit(
      data.table, name: role.name, rows: .rows(rows.rows), objective: objective,
      positive: settings["positive"]?.stringValue)
    let bound = try target.bind(to: data.table)
    var targets = [Double](repeating: 0, count: rows.rows.count)
    targets.withUnsafeMutableBufferPointer {
      bound.readForFit(objective, .rows(rows.rows), 0..<rows.rows.count, into: $0)
    }
    self.targets = targets
    encoderSettings = try EncoderSettings(json: settings["features"] ?? [:])
  }

  func train() throws -> TrainedModel {
    let penalty = settings["penalty"]?["l2"]
    let everything = Array(rows.indices)
    var path: PenaltyPath?
    if penalty?.stringValue == "tune" { path = try tune() }
    let l2 = path?.chosen.l2 ?? penalty?.doubleValue ?? 0
    let (encoder, notes) = try fitEncoder(everything, dropsLevel: l2 == 0)
    let fitted = try fit(
      encoded(encoder, everything), fitSettings(l2: l2, encoder), cancellation: context.cancellation)
    let model = Model(
      objective: objective, target: target, encoder: encoder, coefficients: fitted.coefficients,
      intercepts: fitted.intercepts,
      missingMarkers: (settings["missing"]?.arrayValue ?? []).compactMap(\.stringValue), l2: l2,
      training: Model.Training(
        rows: rows.count, objectiveValue: fitted.objectiveValue, gradientNorm: fitted.gradientNorm,
        iterations: fitted.iterations, converged: fitted.converged, solver: fitted.solver,
        conditionEstimate: fitted.conditionEstimate, seed: seed, notes: fitted.notes))
    let profile = try TableProfile(
      data.table, columns: encoder.inputs.map(\.name) + [target.name], rows: rows, threads: context.threads,
      cancellation: context.cancellation)
    return trained(model, profile.json, path, notes)
  }

  private func fitSettings(l2: Double, _ encoder: Encoder) -> FitSettings {
    let learning: Objective =
      switch objective {
      case .linear: .linear
      case .logistic: .logistic
      case .multinomial: .multinomial(classes: target.classes.count)
      }
    return FitSettings(
      objective: learning, penalty: Penalty(l2: l2), intercept: settings["intercept"]?.boolValue ?? true,
      tolerance: settings["tolerance"]?.doubleValue ?? 1e-8,
      maximumIterations: settings["max_iterations"]?.intValue ?? 200, threads: context.threads, memory: context.memory,
      columnNames: encoder.outputNames)
  }

  private func fitEncoder(_ positions: [Int], dropsLevel: Bool) throws -> (Encoder, [Diagnostic]) {
    let features = data.table.schema.names.filter { $0 != target.name }
    let fitted = try Encoder.fit(
      data.table, features: features, rows: .rows(positions.map { rows[$0] }), settings: encoderSettings,
      dropsLevel: dropsLevel)
    return (fitted.encoder, fitted.notes)
  }

  private func encoded(_ encoder: Encoder, _ positions: [Int]) throws -> any DesignSource {
    let bound = try encoder.bind(to: data.table)
    let chosen = RowSelection.rows(positions.map { rows[$0] })
    let known = positions.map { targets[$0] }
    return encoder.isSparse
      ? SparseEncodedRows(encoder: bound, rows: chosen, targets: known)
      : EncodedRows(encoder: bound, rows: chosen, targets: known)
  }

  /// Cross-validation: for each fold an encoder of its own, fitted on the other folds' rows, so that nothing leaks.
  private func tune() throws -> PenaltyPath {
    let folds = settings["tune"]?["folds"]?.intValue ?? 5
    guard rows.count >= 2 * folds else {
      throw SettingProblem(
        ["penalty"],
        .error(
          "too-few-rows", "\(rows.count) training rows are too few to tune with \(folds) folds",
          help: ["give the penalty as a number, or lower 'folds'"]))
    }
    let assignment = foldAssignment(folds)
    let everything = Array(rows.indices)
    let (encoder, _) = try fitEncoder(everything, dropsLevel: false)
    let fitSettings = fitSettings(l2: 0, encoder)
    let penalties = try PenaltyPath.defaultPenalties(
      for: encoded(encoder, everything), fitSettings, cancellation: context.cancellation)
    return try PenaltyPath.tune(
      penalties.map { Penalty(l2: $0) }, folds: folds, fitSettings, score: heldOutScore(fitSettings.objective),
      rule: settings["tune"]?["one_standard_error"]?.boolValue == true ? .oneStandardError : .best,
      cancellation: context.cancellation
    ) { fold in
      let inside = everything.filter { assignment[$0] != fold }
      let outside = everything.filter { assignment[$0] == fold }
      let (encoder, _) = try fitEncoder(inside, dropsLevel: false)
      return Fold(training: try encoded(encoder, inside), heldOut: try encoded(encoder, outside))
    }
  }

  private func heldOutScore(_ objective: Objective) -> HeldOutScore {
    settings["tune"]?["metric"]?.stringValue == "rmse" ? .rootSquaredError : .loss(of: objective)
  }

  /// The fold of each training row: rows ranked by a hash of seed and row number and dealt out in turn, within each class
  /// for classification, so that every fold has every class.
  private func foldAssignment(_ folds: Int) -> [Int] {
    let seed = derivedSeed(seed, "folds")
    let ranked = rows.indices.map { position in
      (objective == .linear ? 0 : targets[position], rowHash(seed: seed, row: UInt64(rows[position])), position)
    }.sorted { $0 < $1 }
    var assignment = [Int](repeating: 0, count: rows.count)
    for (rank, entry) in ranked.enumerated() { assignment[entry.2] = rank % folds }
    return assignment
  }

  private func trained(_ model: Model, _ profile: JSON, _ path: PenaltyPath?, _ notes: [Diagnostic]) -> TrainedModel {
    let training = model.training
    var warnings = notes + (training.notes + (path?.notes ?? [])).map { Diagnostic.warning("fit", $0) }
    if !training.converged {
      warnings.append(
        .warning(
          "not-converged", "the solver stopped after \(training.iterations) iterations before it converged",
          help: ["raise 'max_iterations', or add a penalty"]))
    }
    if droppedRows > 0 {
      warnings.append(.warning("dropped-rows", "\(droppedRows) rows without a target were left out"))
    }
    var report: JSON = [
      "facts": model.facts, "coefficients": model.reportedCoefficientsJSON, "classes": JSON(target.classes),
      "dropped_rows": JSON(droppedRows),
    ]
    if let path { report["tuning"] = path.json }
    return TrainedModel(
      model: model, profile: profile, report: report, warnings: warnings,
      summary:
        "\(objective.rawValue), \(rows.count) rows × \(model.encoder.columnCount) columns, l2 \(shortNumber(model.l2)), "
        + (training.converged ? "converged in \(training.iterations) iterations" : "not converged"))
  }
}
