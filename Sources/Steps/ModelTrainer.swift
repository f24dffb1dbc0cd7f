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
  var profile: TableProfile
  /// The table of everything that was tried; nil where nothing was tuned.
  var tuning: JSON?
  var report: JSON
  var warnings: [Diagnostic]
  var summary: String
}

/// Fits one model: what is tuned by cross-validation, then encoder and fit on all training rows, then what is learned from
/// held-out rows: calibration and threshold.
struct ModelTrainer: Sendable {
  private let settings: TrainingSettings
  private let seed: UInt64
  private let context: StepContext
  private let data: TrainingData

  init(action: Action, context: StepContext) throws {
    settings = TrainingSettings(action.settings)
    seed = UInt64(bitPattern: Int64(action.seed ?? 0))
    self.context = context
    let input = try action.requiredInput("data")
    data = try TrainingData(
      settings, PartitionedTable(input, in: context.store, cancellation: context.cancellation))
  }

  func train() throws -> TrainedModel {
    let plan = try self.settings.isTuned ? foldPlan() : nil
    let tuning = try plan.map { try Tuning(self.settings, data, $0, context, fitSettings: fitSettings) }
    let settings = tuning?.chosenSettings ?? self.settings
    let penalty = tuning?.chosenPenalty ?? fixedPenalty
    let (encoder, notes) = try data.encoder(
      settings, on: data.training, dropsLevel: penalty.isNone, threads: context.threads)
    let source = try data.fitted(data.training, encoder, settings)
    var finalSettings = fitSettings(settings, penalty, encoder)
    finalSettings.statisticsFollow = true
    let fitted = try data.failures.telling { try fit(source, finalSettings, cancellation: context.cancellation) }
    let inference = FitInference(settings.json["inference"], encoder, finalSettings)
    let statistics = try inference.statistics(of: fitted, on: source, cancellation: context.cancellation)
    let heldOut = try heldOutScores(settings, penalty, plan, fitted, encoder)
    let calibration = heldOut.flatMap { fittedCalibration(settings, $0) }
    let threshold = try heldOut.flatMap { try chosenThreshold(settings, $0, calibration) }
    let model = Model(
      objective: settings.objective, target: data.target, encoder: encoder, coefficients: fitted.coefficients,
      intercepts: fitted.intercepts, threshold: threshold?.value ?? settings.threshold?.fixed ?? 0.5,
      calibration: calibration, offset: data.offset, weightColumn: settings.weight,
      missingMarkers: (settings.json["missing"]?.arrayValue ?? []).compactMap(\.stringValue),
      source: settings.json["source"] ?? [:], l1: penalty.l1, l2: penalty.l2,
      training: Model.Training(
        rows: data.training.rows.count, weightSum: data.training.weights.map { compensatedSum($0) },
        objectiveValue: fitted.objectiveValue, gradientNorm: fitted.gradientNorm, dualityGap: fitted.dualityGap,
        iterations: fitted.iterations, converged: fitted.converged, solver: fitted.solver,
        conditionEstimate: fitted.conditionEstimate, seed: seed, notes: fitted.notes),
      statistics: statistics)
    let profile = try referenceProfile(model.inputs.map(\.name) + [data.target.name])
    var trained = TrainedModel(
      model: model, profile: profile, tuning: tuning?.json, report: report(model, tuning, heldOut, threshold),
      warnings: notes + inference.absence(penalty) + inference.caution(settings, model)
        + warnings(model, tuning, heldOut), summary: summary(model))
    if data.droppedRows > 0 {
      trained.warnings.append(
        .warning("dropped-rows", "\(data.droppedRows) rows without a target were left out"))
    }
    if data.weightlessRows > 0 {
      trained.warnings.append(
        Diagnostic(severity: .note, "weightless-rows", "\(data.weightlessRows) rows of weight 0 were left out"))
    }
    return trained
  }

  /// The profile of the rows that the model is fitted on: the one of the whole table where those are all.
  private func referenceProfile(_ columns: [String]) throws -> TableProfile {
    let isWhole = data.training.rows.count == data.table.rowCount
    if isWhole, let whole = try context.store.profile(ofTable: data.tableDigest),
      let profile = whole.selecting(columns)
    {
      return profile
    }
    return try TableProfile(
      data.table, columns: columns, rows: isWhole ? nil : data.training.rows, threads: context.threads,
      cancellation: context.cancellation)
  }

  private var fixedPenalty: Penalty {
    func value(_ strength: TrainingSettings.Strength) -> Double {
      if case .value(let value) = strength { value } else { 0 }
    }
    return Penalty(l1: value(settings.l1), l2: value(settings.l2))
  }

  private func foldPlan() throws -> FoldPlan {
    let isClassifier = settings.objective.isClassifier
    let plan = try FoldPlan(
      settings, data.table, rows: data.training.rows, classes: isClassifier ? data.training.targets : [], seed: seed)
    if isClassifier {
      try plan.checkClasses(data.training.targets, names: data.fittedClasses, target: data.target.name)
    }
    return plan
  }

  private func fitSettings(_ settings: TrainingSettings, _ penalty: Penalty, _ encoder: Encoder) -> FitSettings {
    let objective: Objective =
      switch settings.objective {
      case .linear: .linear
      case .logistic: .logistic
      case .multinomial: .multinomial(classes: data.target.classes.count)
      case .poisson: .poisson
      }
    let json = settings.json
    var fit = FitSettings(
      objective: objective, penalty: penalty, intercept: settings.hasIntercept,
      tolerance: json["tolerance"]?.doubleValue ?? 1e-8, maximumIterations: json["max_iterations"]?.intValue ?? 1000,
      maximumSeconds: json["max_seconds"]?.doubleValue,
      solver: settings.solver, threads: context.threads, memory: context.memory, columnNames: encoder.outputNames,
      classNames: data.fittedClasses)
    fit.booleanColumns = encoder.booleanColumns
    return fit
  }

  /// Nil where nothing is learned from held-out rows.
  private func heldOutScores(
    _ settings: TrainingSettings, _ penalty: Penalty, _ plan: FoldPlan?, _ fitted: Fit, _ encoder: Encoder
  ) throws -> HeldOutScores? {
    guard settings.needsHeldOut else { return nil }
    let asked = settings.calibration?.source
    if asked != .folds {
      if let rows = try data.validation() { return try HeldOutScores(rows, fitted, encoder, data, context) }
      if asked == .validation {
        throw SettingProblem(
          ["calibrate", "on"],
          .error(
            "no-validation", "the data has no validation part to calibrate on",
            help: ["write 'validation: 20%' under split, or 'on: folds'"]))
      }
    }
    return try HeldOutScores(settings, penalty, data, plan ?? foldPlan(), context, fitSettings: fitSettings)
  }

  private func fittedCalibration(_ settings: TrainingSettings, _ heldOut: HeldOutScores) -> Calibration? {
    guard let method = settings.calibration?.method else { return nil }
    return Calibration.fit(
      method, scores: heldOut.predictors, targets: heldOut.targets, weights: heldOut.weights, of: settings.objective,
      data.target)
  }

  private func chosenThreshold(
    _ settings: TrainingSettings, _ heldOut: HeldOutScores, _ calibration: Calibration?
  ) throws -> ChosenThreshold? {
    guard let rule = settings.threshold, rule.isChosen else { return nil }
    let probabilities = heldOut.predictors.map { score in
      calibration?.probabilityOfPositive(score) ?? Elementary.logistic(score)
    }
    let chosen = ChosenThreshold(
      rule, probabilities: probabilities, isPositive: heldOut.targets.map { $0 > 0.5 }, weights: heldOut.weights)
    guard let chosen else {
      throw SettingProblem(
        ["threshold"],
        .error(
          "undefined-threshold", "the threshold cannot be chosen: the held-out rows are all of one class",
          help: ["stratify the split, or give the threshold as a number"]))
    }
    return chosen
  }

  private func report(
    _ model: Model, _ tuning: Tuning?, _ heldOut: HeldOutScores?, _ threshold: ChosenThreshold?
  ) -> JSON {
    var report: JSON = [
      "facts": model.facts, "coefficients": model.reportedCoefficientsJSON, "classes": JSON(data.target.classes),
      "dropped_rows": JSON(data.droppedRows), "weightless_rows": JSON(data.weightlessRows),
    ]
    report["statistics"] = model.statisticsJSON
    report["tuning"] = tuning?.json
    if let heldOut {
      report["held_out"] = ["on": .string(heldOut.source.rawValue), "rows": JSON(heldOut.targets.count)]
    }
    report["calibration"] = model.calibration?.json
    report["threshold"] = threshold?.json
    return report
  }

  private func warnings(_ model: Model, _ tuning: Tuning?, _ heldOut: HeldOutScores?) -> [Diagnostic] {
    var warnings = FitInference.noteWarnings(model, settings) + (tuning?.notes ?? []).map { .warning("fit", $0) }
    if let first = data.training.targets.first, !settings.objective.isClassifier,
      data.training.targets.allSatisfy({ $0 == first })
    {
      warnings.append(
        .warning(
          "constant-target",
          "the target '\(data.target.name)' is the same in all training rows: the model tells nothing else",
          help: ["use other data, or another target"]))
    }
    warnings += FitInference.warnings(model)
    guard let calibration = model.calibration, let heldOut else { return warnings }
    if calibration.method == .isotonic, heldOut.targets.count < 1000 {
      warnings.append(
        Diagnostic(
          severity: .note, "few-rows",
          "isotonic calibration has \(heldOut.targets.count) held-out rows to go by, and is prone to overfit below 1000",
          help: ["use 'sigmoid'"]))
    }
    let isReversed = calibration.curves.contains { if case .sigmoid(let slope, _) = $0 { slope <= 0 } else { false } }
    if isReversed {
      warnings.append(
        .warning(
          "reversed-calibration",
          "on held-out rows the scores do not rise with the class: the model tells nothing there"))
    }
    return warnings
  }

  private func summary(_ model: Model) -> String {
    let training = model.training
    var words = [
      model.objective.rawValue, "\(training.rows) rows × \(model.encoder.columnCount) columns",
      penaltyText(l1: model.l1, l2: model.l2),
      training.converged
        ? "converged in \(training.iterations) iteration\(training.iterations == 1 ? "" : "s")" : "not converged",
    ]
    if let calibration = model.calibration { words.append("calibrated (\(calibration.method.rawValue))") }
    if model.threshold != 0.5 { words.append("threshold \(shortNumber(model.threshold))") }
    return words.joined(separator: ", ")
  }
}
