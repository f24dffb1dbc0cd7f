import Basics
import Execution
import Inference

extension InferenceError {
  /// The same as a complaint about the setting of the `train` step that it speaks of; itself where there is none.
  func placed(in settings: TrainingSettings) -> any Error {
    guard let path = path(in: settings), let diagnostic = diagnostics.first else { return self }
    return SettingProblem(path, diagnostic, failure: failure)
  }

  private func path(in settings: TrainingSettings) -> [String]? {
    func item(_ name: String, of setting: String) -> [String] {
      let path = setting.split(separator: ".").map(String.init)
      let list = path.reduce(settings.json as JSON?) { $0?[$1] }?.arrayValue ?? []
      return path + (list.firstIndex(of: .string(name)).map { ["[\($0)]"] } ?? [])
    }
    return switch self {
    case .badSetting(let path, _): path.split(separator: ".").map(String.init)
    case .unknownFeature(let name, let setting, _): item(name, of: setting)
    case .textFeature(let name, _, _): item(name, of: "features.only")
    case .cannotScale: ["features", "numeric", "scale"]
    case .missingValue: ["features", "numeric", "impute"]
    case .unknownPositive: ["positive"]
    case .badOffset(_, _, let isExposure, _): [isExposure ? "exposure" : "offset"]
    case .targetIsNoNumber, .notTwoClasses, .negativeCount: ["objective"]
    case .oneClass, .tooManyClasses, .noEvents: ["target"]
    default: nil
    }
  }
}
