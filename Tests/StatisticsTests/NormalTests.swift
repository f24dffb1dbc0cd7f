import Statistics
import Testing

struct NormalTests {
  /// mpmath.ncdf with 40 digits.
  @Test(arguments: [
    (-20, 2.7536241186062336951e-89), (-6, 9.865876450376981407e-10), (-5.6, 1.071759025831092932e-8),
    (-3, 0.0013498980316300945267), (-1, 0.15865525393145705141), (-0.5, 0.30853753872598689636), (0, 0.5),
    (0.3, 0.61791142218895263307), (0.7, 0.75803634777692697138), (2, 0.9772498680518207928),
    (5.7, 0.99999999400962859894), (8, 0.9999999999999993779),
  ])
  func cumulativeEqualsReference(x: Double, expected: Double) {
    #expect(abs(Normal.cumulative(x) / expected - 1) < 2e-15)
  }

  /// Roots of mpmath.ncdf with 40 digits.
  @Test(arguments: [
    (1e-300, -37.047096299361199237), (1e-20, -9.2623400897984075796), (1e-9, -5.9978070150076868614),
    (0.001, -3.0902323061678135354), (0.025, -1.9599639845400542118), (0.075, -1.4395314709384559349),
    (0.3, -0.52440051270804081597), (0.9, 1.2815515655446005935), (0.999999, 4.7534243088170877657),
  ])
  func quantileEqualsReference(p: Double, expected: Double) {
    #expect(abs(Normal.quantile(p) / expected - 1) < 2e-15)
  }

  @Test func edges() {
    #expect(Normal.quantile(0) == -.infinity)
    #expect(Normal.quantile(1) == .infinity)
    #expect(Normal.quantile(0.5) == 0)
    #expect(Normal.quantile(1.5).isNaN)
    #expect(Normal.cumulative(.infinity) == 1)
    #expect(Normal.cumulative(-.infinity) == 0)
    #expect(Normal.cumulative(.nan).isNaN)
  }
}
