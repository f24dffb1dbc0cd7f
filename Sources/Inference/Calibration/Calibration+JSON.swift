package import Basics

extension Calibration {
  /// `{method, curves: [{slope, intercept}]}` or `{method, curves: [{log_odds, probabilities}]}`.
  package var json: JSON {
    [
      "method": .string(method.rawValue),
      "curves": .array(
        curves.map { curve in
          switch curve {
          case .sigmoid(let slope, let intercept): ["slope": .number(slope), "intercept": .number(intercept)]
          case .isotonic(let logOdds, let probabilities):
            ["log_odds": JSON(logOdds), "probabilities": JSON(probabilities)]
          }
        }),
    ]
  }

  /// Reads what `json` writes, for a model with so many curves.
  init(_ reader: ModelReader, curveCount: Int) throws(InferenceError) {
    let name = try reader.string("method")
    guard let method = Method(rawValue: name) else { throw reader.unknown("the calibration '\(name)'") }
    var curves: [Curve] = []
    for curve in try reader.objects("curves") {
      switch method {
      case .sigmoid:
        curves.append(.sigmoid(slope: try curve.number("slope"), intercept: try curve.number("intercept")))
      case .isotonic:
        let logOdds = try curve.numbers("log_odds")
        let probabilities = try curve.numbers("probabilities")
        guard !logOdds.isEmpty, logOdds.count == probabilities.count, zip(logOdds, logOdds.dropFirst()).allSatisfy(<),
          probabilities.allSatisfy({ $0 >= 0 && $0 <= 1 }), zip(probabilities, probabilities.dropFirst()).allSatisfy(<=)
        else { throw curve.damaged("a calibration curve does not rise") }
        curves.append(.isotonic(logOdds: logOdds, probabilities: probabilities))
      }
    }
    guard curves.count == curveCount else { throw reader.damaged("the calibration does not fit the classes") }
    self.init(method: method, curves: curves)
  }
}
