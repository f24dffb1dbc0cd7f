/// The standard normal distribution.
package enum Normal {
  /// P(X ≤ x), to about 1e-15 relative in both tails.
  ///
  /// Cody's rational approximations, Math. Comp. 23 (1969), as in ANORM, ACM TOMS 19 (1993).
  package static func cumulative(_ x: Double) -> Double {
    if x.isNaN { return x }
    let size = abs(x)
    if size <= 0.67448975 {
      let square = size > 1.11e-16 ? x * x : 0
      return 0.5 + x * ratio(square, centreNumerator, centreDenominator)
    }
    if size > 39 { return x > 0 ? 1 : 0 }
    var tail: Double
    if size <= 32.0.squareRoot() {
      tail = ratio(size, middleNumerator, middleDenominator)
    } else {
      let inverse = 1 / (x * x)
      tail = (inverseRootOfTwoPi - inverse * ratio(inverse, farNumerator, farDenominator)) / size
    }
    // exp(-x²/2) without the rounding error of x²: x² = s² + (x - s)(x + s), s a multiple of 1/16.
    let sixteenths = (size * 16).rounded(.towardZero) / 16
    let rest = (size - sixteenths) * (size + sixteenths)
    tail *= Elementary.exp(-sixteenths * sixteenths * 0.5) * Elementary.exp(-rest * 0.5)
    return x > 0 ? 1 - tail : tail
  }

  /// The x with `cumulative(x) == p`; −∞ at 0, ∞ at 1, NaN outside. Relative accuracy about 1e-16.
  ///
  /// Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
  package static func quantile(_ p: Double) -> Double {
    guard p >= 0, p <= 1 else { return .nan }
    if p == 0 { return -.infinity }
    if p == 1 { return .infinity }
    let offset = p - 0.5
    if abs(offset) <= 0.425 {
      let r = 0.180625 - offset * offset
      return offset * ratio(r, quantileCentre.0, quantileCentre.1)
    }
    let r = (-Elementary.log(offset < 0 ? p : 1 - p)).squareRoot()
    let size =
      r <= 5
      ? ratio(r - 1.6, quantileMiddle.0, quantileMiddle.1) : ratio(r - 5, quantileFar.0, quantileFar.1)
    return offset < 0 ? -size : size
  }

  /// The quotient of two polynomials, coefficients from the highest power down.
  private static func ratio(_ x: Double, _ numerator: [Double], _ denominator: [Double]) -> Double {
    func value(_ coefficients: [Double]) -> Double { coefficients.reduce(0) { $0 * x + $1 } }
    return value(numerator) / value(denominator)
  }

  private static let inverseRootOfTwoPi = 0.398942280401432677939946059934

  private static let centreNumerator = [
    0.065682337918207449113, 2.2352520354606839287, 161.02823106855587881, 1067.6894854603709582, 18154.981253343561249,
  ]
  private static let centreDenominator = [
    1, 47.20258190468824187, 976.09855173777669322, 10260.932208618978205, 45507.789335026729956,
  ]
  private static let middleNumerator = [
    1.0765576773720192317e-8, 0.39894151208813466764, 8.8831497943883759412, 93.506656132177855979,
    597.27027639480026226, 2494.5375852903726711, 6848.1904505362823326, 11602.651437647350124, 9842.7148383839780218,
  ]
  private static let middleDenominator = [
    1, 22.266688044328115691, 235.38790178262499861, 1519.377599407554805, 6485.558298266760755, 18615.571640885098091,
    34900.952721145977266, 38912.003286093271411, 19685.429676859990727,
  ]
  private static let farNumerator = [
    0.02307344176494017303, 0.21589853405795699, 0.1274011611602473639, 0.022235277870649807, 0.001421619193227893466,
    2.9112874951168792e-5,
  ]
  private static let farDenominator = [
    1, 1.28426009614491121, 0.468238212480865118, 0.0659881378689285515, 0.00378239633202758244, 7.29751555083966205e-5,
  ]
  private static let quantileCentre = (
    [
      2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125,
      1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
    ],
    [
      5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077,
      687.1870074920579083, 42.313330701600911252, 1,
    ]
  )
  private static let quantileMiddle = (
    [
      7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
      3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
    ],
    [
      1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
      0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
    ]
  )
  private static let quantileFar = (
    [
      2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
      0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
    ],
    [
      2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
      0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1,
    ]
  )
}
