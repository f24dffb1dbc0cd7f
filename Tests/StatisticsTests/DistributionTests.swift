import Basics
import Foundation
import Statistics
import Testing

/// Against `Fixtures/distributions_reference.json`, whose script says how it was made.
struct DistributionTests {
  private func rows(_ name: String) throws -> [[Double]] {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/distributions_reference", withExtension: "json"))
    let entry = try #require(try JSON(parsing: Array(Data(contentsOf: url)))[name]?.arrayValue)
    return entry.map { ($0.arrayValue ?? []).compactMap(\.doubleValue) }
  }

  private func expectClose(
    _ found: Double, _ expected: Double, _ tolerance: Double, _ arguments: [Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      abs(found / expected - 1) <= tolerance, "\(arguments): \(found) for \(expected)", sourceLocation: sourceLocation)
  }

  @Test func tailsOfStudentsTEqualReference() throws {
    for row in try rows("t") {
      expectClose(StudentT(degreesOfFreedom: row[1]).twoSided(-row[0]), row[2], 1e-12, row)
    }
  }

  @Test func upperTailsOfFEqualReference() throws {
    for row in try rows("f") {
      expectClose(FisherF(numerator: row[1], denominator: row[2]).upper(row[0]), row[3], 1e-12, row)
    }
  }

  @Test func bothTailsOfChiSquaredEqualReference() throws {
    for row in try rows("chi") {
      let distribution = ChiSquared(degreesOfFreedom: row[1])
      expectClose(distribution.cumulative(row[0]), row[2], 1e-12, row)
      expectClose(distribution.upper(row[0]), row[3], 1e-12, row)
    }
  }

  @Test func quantilesEqualReference() throws {
    for row in try rows("t_quantile") {
      expectClose(StudentT(degreesOfFreedom: row[1]).twoSidedQuantile(row[0]), row[2], 1e-12, row)
    }
    for row in try rows("f_quantile") {
      expectClose(FisherF(numerator: row[1], denominator: row[2]).quantile(row[0]), row[3], 1e-12, row)
    }
    for row in try rows("chi_quantile") {
      expectClose(ChiSquared(degreesOfFreedom: row[1]).quantile(row[0]), row[2], 1e-12, row)
    }
  }

  @Test func logGammaEqualsReference() throws {
    for row in try rows("log_gamma") { expectClose(GammaFunction.logarithm(row[0]), row[1], 4e-15, row) }
    #expect(GammaFunction.logarithm(1) == 0)
    #expect(GammaFunction.logarithm(2) == 0)
  }

  @Test func edges() {
    let t = StudentT(degreesOfFreedom: 5)
    #expect(t.twoSided(0) == 1)
    #expect(t.twoSided(.infinity) == 0)
    #expect(t.twoSided(.nan).isNaN)
    #expect(StudentT(degreesOfFreedom: 0).twoSided(1).isNaN)
    #expect(t.quantile(0.5) == 0)
    #expect(t.quantile(0.025) == -t.twoSidedQuantile(0.05))
    #expect(t.twoSidedQuantile(0) == .infinity)
    #expect(abs(t.cumulative(t.quantile(0.9)) - 0.9) < 1e-15)
    #expect(StudentT(degreesOfFreedom: .infinity).twoSidedQuantile(0.05) == -Normal.quantile(0.025))
    #expect(FisherF(numerator: 2, denominator: 3).upper(0) == 1)
    #expect(FisherF(numerator: 2, denominator: 3).upper(.infinity) == 0)
    #expect(ChiSquared(degreesOfFreedom: 3).cumulative(0) == 0)
    #expect(ChiSquared(degreesOfFreedom: 3).upper(.infinity) == 0)
  }
}
