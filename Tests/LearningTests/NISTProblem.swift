import Basics
import Foundation
import Glibc
import Testing

@testable import Learning

/// One of the eleven linear regression sets of NIST's Statistical Reference Datasets, with what is certified.
struct NISTProblem {
  static let names = [
    "Norris", "Pontius", "NoInt1", "NoInt2", "Filip", "Longley", "Wampler1", "Wampler2", "Wampler3", "Wampler4",
    "Wampler5",
  ]

  let name: String
  /// Powers of x are columns, each rounded to a double.
  let sample: Sample
  let hasIntercept: Bool
  private let entry: JSON

  init(_ name: String) throws {
    self.name = name
    let url = try #require(Bundle.module.url(forResource: "Fixtures/nist/certified", withExtension: "json"))
    entry = try #require(try JSON(parsing: Array(Data(contentsOf: url)))[name])
    hasIntercept = try #require(entry["intercept"]?.boolValue as Bool?)
    var sample = try Sample("nist/\(name)")
    if let degree = entry["degree"]?.intValue {
      let x = sample.columns[0]
      sample.columns = (1...degree).map { power in x.map { pow($0, Double(power)) } }
    }
    self.sample = sample
  }

  var settings: FitSettings { FitSettings(objective: .linear, intercept: hasIntercept) }

  /// Certified numbers, such as `coefficients` and `standard_errors` (the intercept first, if the model has one) or
  /// `residual_deviation`.
  func certified(_ key: String) throws -> [Double] {
    if let number = entry[key]?.doubleValue { return [number] }
    return try #require(entry[key]?.arrayValue).compactMap(\.doubleValue)
  }

  /// The correct digits of R's `lm` for the same key.
  func digitsOfR(_ key: String) throws -> Double { try #require(entry["r_lm"]?[key]?.doubleValue) }

  /// LRE: the least number of correct digits over the values, at most 15; of a certified 0, digits after the point.
  func correctDigits(_ values: [Double], _ key: String) throws -> Double {
    let certified = try certified(key)
    #expect(values.count == certified.count)
    return zip(values, certified).map { value, truth in
      let error = truth == 0 ? abs(value) : abs(value - truth) / abs(truth)
      return error == 0 ? 15 : min(15, max(0, -log10(error)))
    }.min() ?? 0
  }
}
