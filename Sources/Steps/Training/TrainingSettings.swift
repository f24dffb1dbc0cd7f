import Basics
import Inference
import Learning

/// Where held-out predictions come from.
enum HeldOutSource: String, Sendable, CaseIterable {
  /// The validation part of the split.
  case validation
  /// Each fold's rows, by a model of the other folds' rows.
  case folds
}

/// The settings of a `train` step, read from the JSON of its action.
struct TrainingSettings: Sendable {
  /// How one penalty is given.
  enum Strength: Sendable, Hashable {
    case value(Double)
    case list([Double])
    case tuned

    var isFixed: Bool { if case .value = self { true } else { false } }
  }

  enum ClassWeight: Sendable, Hashable {
    case none
    case balanced
    case given([String: Double])
  }

  /// How rows are dealt to folds.
  enum FoldRule: Sendable, Hashable {
    case random
    case stratified
    case group(String)
    case time(String)
  }

  /// As it is in the action.
  let json: JSON
  let objective: ModelObjective
  let l1: Strength
  let l2: Strength
  let weight: String?
  /// The offset's column, and whether it is an exposure.
  let offset: (name: String, isExposure: Bool)?
  let classWeight: ClassWeight

  let folds: Int
  let foldRule: FoldRule
  let metric: String?
  let rule: PenaltyPath.Rule
  let ratios: [Double]
  /// Values by the path of a setting, paths in order.
  let grid: [(path: String, values: [JSON])]

  let calibration: (method: Calibration.Method, source: HeldOutSource?)?
  let threshold: ThresholdRule?

  init(_ json: JSON) {
    self.json = json
    objective = json["objective"]?.stringValue.flatMap(ModelObjective.init(rawValue:)) ?? .linear
    let penalty = Self.normalisedPenalty(json["penalty"])
    l1 = Strength(penalty["l1"])
    l2 = Strength(penalty["l2"])
    weight = json["weight"]?.stringValue
    offset =
      json["exposure"]?.stringValue.map { ($0, true) } ?? json["offset"]?.stringValue.map { ($0, false) }
    classWeight =
      switch json["class_weight"] {
      case .string("balanced"): .balanced
      case .object(let weights): .given(weights.compactMapValues(\.doubleValue))
      default: .none
      }
    let tune = json["tune"]
    folds = tune?["folds"]?.intValue ?? 5
    foldRule =
      if let column = tune?["by"]?["group"]?.stringValue {
        .group(column)
      } else if let column = tune?["by"]?["time"]?.stringValue {
        .time(column)
      } else if let word = tune?["by"]?.stringValue {
        word == "stratified" ? .stratified : .random
      } else {
        objective.isClassifier ? .stratified : .random
      }
    metric = tune?["metric"]?.stringValue
    rule = tune?["one_standard_error"]?.boolValue == true ? .oneStandardError : .best
    ratios = tune?["ratios"]?.arrayValue?.compactMap(\.doubleValue) ?? [0.1, 0.5, 0.9, 1]
    grid = (tune?["grid"]?.objectValue ?? [:]).sorted { $0.key < $1.key }.compactMap { path, values in
      values.arrayValue.map { (path, $0) }
    }
    let method = json["calibrate"]?["method"]?.stringValue ?? json["calibrate"]?.stringValue
    calibration = method.flatMap(Calibration.Method.init(rawValue:)).map {
      ($0, json["calibrate"]?["on"]?.stringValue.flatMap(HeldOutSource.init(rawValue:)))
    }
    threshold = ThresholdRule(json["threshold"])
  }

  /// `{l1, l2}` of every way to write a penalty.
  static func normalisedPenalty(_ json: JSON?) -> JSON {
    switch json {
    case .string("tune"), nil: ["l1": 0, "l2": "tune"]
    case .object(let members): ["l1": members["l1"] ?? 0, "l2": members["l2"] ?? 0]
    default: ["l1": 0, "l2": 0]
    }
  }

  /// Whether anything is chosen by cross-validation.
  var isTuned: Bool { !l1.isFixed || !l2.isFixed || !grid.isEmpty }

  var hasIntercept: Bool { json["intercept"]?.boolValue ?? true }

  var solver: SolverChoice? { json["solver"]?.stringValue.flatMap(SolverChoice.init(rawValue:)) }

  /// Whether weights say how many equal rows one stands for.
  var weightsAreCounts: Bool { json["inference"]?["weights"]?.stringValue == WeightMeaning.frequency.rawValue }

  /// Whether predictions of rows that were not learned from are needed beside those of tuning.
  var needsHeldOut: Bool { calibration != nil || threshold?.isChosen == true }

  /// The settings with other values at some paths, such as `features.numeric.scale`.
  func replacing(_ values: [(path: String, value: JSON)]) -> TrainingSettings {
    var json = json
    for (path, value) in values {
      json = Self.replacing(json, path.split(separator: ".").map(String.init)[...], by: value)
    }
    return TrainingSettings(json)
  }

  private static func replacing(_ json: JSON, _ path: ArraySlice<String>, by value: JSON) -> JSON {
    guard let key = path.first else { return value }
    var copy: JSON = json.objectValue == nil ? [:] : json
    copy[key] = replacing(copy[key] ?? [:], path.dropFirst(), by: value)
    return copy
  }

  /// Columns that play a part of their own, by name: no features.
  var roles: [String: String] {
    var roles: [String: String] = [:]
    if let weight { roles[weight] = "weight" }
    if let offset { roles[offset.name] = offset.isExposure ? "exposure" : "offset" }
    return roles
  }

  /// The settings under `features`; columns that play another part are not there to be dropped.
  func encoderSettings() throws -> EncoderSettings {
    var settings = try EncoderSettings(json: json["features"] ?? [:])
    settings.drop.removeAll { roles[$0] != nil }
    settings.hasIntercept = hasIntercept
    return settings
  }
}

extension TrainingSettings.Strength {
  fileprivate init(_ json: JSON?) {
    switch json {
    case .string("tune"): self = .tuned
    case .array(let values): self = .list(values.compactMap(\.doubleValue).sorted(by: >))
    default: self = .value(json?.doubleValue ?? 0)
    }
  }
}
