import Basics
import Foundation
import Testing

@testable import Learning

/// Standard errors and residual deviations of NIST's linear regression sets, counted in correct digits beside those of
/// R's `lm`; see `Fixtures/nist/README.md`.
struct CertifiedErrorTests {
  @Test(arguments: [
    "Norris", "Pontius", "NoInt1", "NoInt2", "Filip", "Longley", "Wampler1", "Wampler2", "Wampler3", "Wampler4",
    "Wampler5",
  ])
  func errorsHaveAsManyDigitsAsThoseOfR(_ name: String) throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/nist/certified", withExtension: "json"))
    let entry = try #require(try JSON(parsing: Array(Data(contentsOf: url)))[name])
    var sample = try Sample("nist/" + name)
    if let degree = entry["degree"]?.intValue {
      let x = sample.columns[0]
      sample.columns = (1...degree).map { power in x.map { pow($0, Double(power)) } }
    }
    func numbers(_ key: String) -> [Double] { (entry[key]?.arrayValue ?? []).compactMap(\.doubleValue) }
    let intercept = entry["intercept"]?.boolValue ?? true
    let settings = FitSettings(objective: .linear, intercept: intercept)
    let certified = numbers("coefficients")
    let fit = Fit(
      coefficients: intercept ? Array(certified.dropFirst()) : certified, intercepts: [intercept ? certified[0] : 0],
      objectiveValue: 0, gradientNorm: 0, iterations: 1, converged: true, solver: "given", notes: [])
    let statistics = try fitStatistics(
      of: fit, on: sample.design, settings, StatisticsRequest(), cancellation: Cancellation())
    var errors = try #require(statistics.covariance).standardErrors()
    if !intercept { errors.removeFirst() }
    func digits(_ ours: Double, _ theirs: Double) -> Double {
      let error = theirs == 0 ? abs(ours) : abs(ours - theirs) / abs(theirs)
      return error == 0 ? 15 : min(15, -log10(error))
    }
    let least = zip(errors, numbers("standard_errors")).map { digits($0 ?? .nan, $1) }.min() ?? 0
    let deviation = digits((statistics.scale ?? .nan).squareRoot(), entry["residual_deviation"]?.doubleValue ?? .nan)
    let r = try #require(entry["r_lm"])
    let ofR = min(r["standard_errors"]?.doubleValue ?? 15, r["residual_deviation"]?.doubleValue ?? 15)
    #expect(min(least, deviation) >= min(13, ofR - 0.5), "\(name): errors \(least), deviation \(deviation), R \(ofR)")
  }
}
