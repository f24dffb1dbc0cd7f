import Basics
import Foundation
import Testing

@testable import Learning

/// A problem on real data with an answer known to all digits: an entry of `glm/reference.json` or `penalised/reference.json`.
struct PeerProblem {
  let name: String
  let objective: Objective
  let penalty: Penalty
  let sample: Sample
  /// Outputs one after the other.
  let coefficients: [Double]
  let intercepts: [Double]
  private let entry: JSON

  static func names(_ folder: String) -> [String] {
    (try? entries(folder).objectValue)?.map { Array($0.keys).sorted() } ?? []
  }

  private static func entries(_ folder: String) throws -> JSON {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(folder)/reference", withExtension: "json"))
    return try JSON(parsing: Array(Data(contentsOf: url)))
  }

  /// A generalised linear model without a penalty.
  init(model name: String) throws {
    self.name = name
    entry = try #require(try Self.entries("glm")[name])
    sample = try Sample(
      "glm/\(name)", hasWeights: entry["weights"]?.boolValue == true, hasOffsets: entry["offset"]?.boolValue == true)
    penalty = Penalty()
    coefficients = try numbers(entry, "coefficients")
    intercepts = try numbers(entry, "intercepts")
    objective = try Self.objective(entry, classes: intercepts.count)
  }

  /// All problems of `penalised`, whose columns are standardised.
  static func penalised() throws -> [PeerProblem] {
    try #require(try entries("penalised").objectValue).sorted { $0.key < $1.key }
      .map { try PeerProblem(penalised: $0.key, $0.value) }
  }

  private init(penalised name: String, _ entry: JSON) throws {
    self.name = name
    self.entry = entry
    sample = try Sample("penalised/\(try #require(entry["data"]?.stringValue))").standardised
    penalty = Penalty(
      l1: try #require(entry["l1"]?.doubleValue), l2: try #require(entry["l2"]?.doubleValue))
    coefficients = try numbers(entry, "coefficients")
    intercepts = [try #require(entry["intercept"]?.doubleValue)]
    objective = try Self.objective(entry, classes: 1)
  }

  private static func objective(_ entry: JSON, classes: Int) throws -> Objective {
    switch entry["objective"]?.stringValue {
    case "linear": .linear
    case "logistic": .logistic
    case "poisson": .poisson
    default: .multinomial(classes: classes)
    }
  }

  func number(_ key: String) throws -> Double { try #require(entry[key]?.doubleValue) }

  var settings: FitSettings { FitSettings(objective: objective, penalty: penalty) }
}

private func numbers(_ entry: JSON, _ key: String) throws -> [Double] {
  try #require(entry[key]?.arrayValue).compactMap(\.doubleValue)
}
