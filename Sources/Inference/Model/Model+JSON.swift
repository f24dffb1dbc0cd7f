package import Basics
import Tabular

private let formatName = "mlflowctl-model"
/// 2 since there are l1 penalties, calibration, offsets and models of counts: a reader of version 1 would pass over what
/// changes predictions.
private let formatVersion = 2
private let oldestVersion = 1

extension Model {
  /// `model.json`: everything but the weights.
  package var json: JSON {
    var decision: JSON = ["rule": .string(target.classes.isEmpty ? "number" : "most-probable")]
    if target.positive != nil { decision = ["rule": "threshold", "threshold": .number(threshold)] }
    var out: JSON = [
      "format": .string(formatName), "version": JSON(formatVersion), "objective": .string(objective.rawValue),
      "target": target.json, "decision": decision, "encoder": encoder.json, "missing": JSON(missingMarkers),
      "penalty": ["l1": .number(l1), "l2": .number(l2)], "training": training.json,
    ]
    out["calibration"] = calibration?.json
    out["statistics"] = statistics?.json
    out["weight"] = weightColumn.map { .string($0) }
    if source != [:] { out["source"] = source }
    out["offset"] = offset.map {
      ["column": .string($0.name), "type": .string($0.type.rawValue), "exposure": .bool($0.isExposure)]
    }
    return out
  }

  /// The model of a `model.json` and the tensors beside it. Paths are for messages.
  init(json: JSON, tensors: [String: Tensor], path: String, weightsPath: String) throws(InferenceError) {
    let reader = ModelReader(json, path: path, place: "the model")
    guard try reader.string("format") == formatName else { throw .damagedModel(path, "it is not a model") }
    let version = try reader.integer("version")
    guard (oldestVersion...formatVersion).contains(version) else {
      throw .unknownFormat(path, "the model has version \(version), known is up to \(formatVersion)")
    }
    let name = try reader.string("objective")
    guard let objective = ModelObjective(rawValue: name) else { throw reader.unknown("the objective '\(name)'") }
    let target = try Target(reader.object("target"), objective: objective)
    let encoder = try Encoder(json: reader.value("encoder"), path: path)
    let outputs = outputs(objective, target)
    guard let coefficients = tensors["coefficients"], let intercepts = tensors["intercepts"], tensors.count == 2 else {
      throw .damagedModel(weightsPath, "it does not hold the tensors 'coefficients' and 'intercepts'")
    }
    guard coefficients.shape == [outputs, encoder.columnCount], intercepts.shape == [outputs] else {
      throw .damagedModel(weightsPath, "its tensors do not have the shape that model.json asks for")
    }
    let threshold = try reader.object("decision").optionalNumber("threshold") ?? 0.5
    guard threshold >= 0, threshold <= 1 else { throw reader.damaged("'threshold' is not a probability") }
    var calibration: Calibration?
    if let curves = try reader.optionalObject("calibration") {
      guard objective.isClassifier else { throw reader.damaged("a model of numbers has a calibration") }
      calibration = try Calibration(curves, curveCount: curveCount(target))
    }
    var offset: OffsetColumn?
    if let column = try reader.optionalObject("offset") {
      guard objective == .poisson else { throw reader.damaged("only a poisson model has an offset") }
      offset = try OffsetColumn(column)
    }
    let statistics = try reader.optionalObject("statistics").map { statistics throws(InferenceError) in
      try ModelStatistics(statistics, columns: encoder.columnCount, outputs: outputs)
    }
    let penalty = try reader.object("penalty")
    self.init(
      objective: objective, target: target, encoder: encoder, coefficients: coefficients.values,
      intercepts: intercepts.values, threshold: threshold, calibration: calibration, offset: offset,
      weightColumn: try reader.optionalString("weight"), missingMarkers: try reader.strings("missing"),
      source: try reader.optionalValue("source"),
      l1: try penalty.optionalNumber("l1") ?? 0, l2: try penalty.number("l2"),
      training: try Training(reader.object("training")), statistics: statistics)
  }
}

extension OffsetColumn {
  fileprivate init(_ reader: ModelReader) throws(InferenceError) {
    let word = try reader.string("type")
    guard let type = ColumnType(rawValue: word) else { throw reader.unknown("the type '\(word)'") }
    self.init(name: try reader.string("column"), type: type, isExposure: try reader.bool("exposure"))
  }
}

extension Target {
  fileprivate var json: JSON {
    var out: JSON = ["name": .string(name), "type": .string(type.rawValue)]
    if !classes.isEmpty { out["classes"] = JSON(classes) }
    out["positive"] = positive.map { .string(classes[$0]) }
    return out
  }

  fileprivate init(_ reader: ModelReader, objective: ModelObjective) throws(InferenceError) {
    name = try reader.string("name")
    let word = try reader.string("type")
    guard let type = ColumnType(rawValue: word) else { throw reader.unknown("the type '\(word)'") }
    self.type = type
    classes = objective.isClassifier ? try reader.strings("classes") : []
    if objective.isClassifier, classes.count < 2 || Set(classes.map { Array($0.utf8) }).count < classes.count {
      throw reader.damaged("the classes of the target are not two or more different ones")
    }
    if objective == .logistic, classes.count != 2 { throw reader.damaged("a logistic model has two classes") }
    if classes.count == 2 {
      let label = try reader.string("positive")
      guard let index = classes.firstIndex(where: { $0.utf8.elementsEqual(label.utf8) }) else {
        throw reader.damaged("the positive class is not a class")
      }
      positive = index
    } else {
      positive = nil
    }
  }
}

extension Model.Training {
  package var json: JSON {
    var out: JSON = [
      "rows": JSON(rows), "objective_value": .number(objectiveValue), "gradient_norm": .number(gradientNorm),
      "iterations": JSON(iterations), "converged": .bool(converged), "solver": .string(solver),
      "seed": .string(String(seed)),
    ]
    out["weight_sum"] = weightSum.map { .number($0) }
    out["duality_gap"] = dualityGap.map { .number($0) }
    // Of a singular system it is infinite, and nothing is told.
    out["condition_estimate"] = conditionEstimate.flatMap { $0.isFinite ? .number($0) : nil }
    if !notes.isEmpty { out["notes"] = JSON(notes) }
    return out
  }

  fileprivate init(_ reader: ModelReader) throws(InferenceError) {
    guard let seed = UInt64(try reader.string("seed")) else { throw reader.damaged("the seed is not an integer") }
    self.init(
      rows: try reader.integer("rows"), weightSum: try reader.optionalNumber("weight_sum"),
      objectiveValue: try reader.number("objective_value"), gradientNorm: try reader.number("gradient_norm"),
      dualityGap: try reader.optionalNumber("duality_gap"), iterations: try reader.integer("iterations"),
      converged: try reader.bool("converged"), solver: try reader.string("solver"),
      conditionEstimate: try reader.optionalNumber("condition_estimate"), seed: seed,
      notes: try reader.optionalStrings("notes"))
  }
}
