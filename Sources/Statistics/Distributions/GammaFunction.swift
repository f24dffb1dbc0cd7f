/// The gamma function by the error of Stirling's formula, from which the prefactors of the incomplete gamma and beta
/// functions come without cancellation, however large their arguments.
package enum GammaFunction {
  /// δ(z) in Γ(z) = √(2π/z) · (z/e)ᶻ · exp δ(z), for z > 0, to about 1e-15 absolute.
  ///
  /// The asymptotic series from 15 on (Abramowitz and Stegun, 6.1.41); below, δ(z) = δ(z + 1) + (z + ½)·ln(1 + 1/z) − 1.
  package static func stirlingError(_ z: Double) -> Double {
    guard z > 0 else { return .nan }
    var shifted = z
    var correction = CompensatedSum()
    while shifted < 15 {
      correction.add((shifted + 0.5) * Elementary.logOnePlus(1 / shifted))
      correction.add(-1)
      shifted += 1
    }
    let square = 1 / (shifted * shifted)
    var series = 0.0
    for coefficient in coefficients { series = series * square + coefficient }
    correction.add(series / shifted)
    return correction.value
  }

  /// ln Γ(z) for z > 0: about 1e-15, relative where it is large and absolute near its zeros at 1 and 2. Sums of counts'
  /// ln k! need no more.
  package static func logarithm(_ z: Double) -> Double {
    guard z > 0 else { return z == 0 ? .infinity : .nan }
    if z == 1 || z == 2 { return 0 }
    if z == .infinity { return z }
    if z < 1e-300 { return -Elementary.log(z) }
    var sum = CompensatedSum()
    sum.addProduct(z - 0.5, Elementary.log(z))
    sum.add(-z)
    sum.add(halfLogTwoPi)
    sum.add(stirlingError(z))
    return sum.value
  }

  static let halfLogTwoPi = 0.918938533204672741780329736406
  static let inverseRootOfTwoPi = 0.398942280401432677939946059934

  /// B₂ₖ / (2k(2k − 1)) from k = 9 down to 1.
  private static let coefficients: [Double] = [
    0.17964437236883057, -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508418,
    -0.0005952380952380953, 0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
  ]

  /// e − ln(1 + e) for e > −1, where 1 + e is also given as `ratio`, accurately: the deviance of a step e.
  ///
  /// Near 0 by ln(1 + e) = 2·artanh(e / (2 + e)), whose leading terms cancel against e in closed form (as `rlog1` in
  /// ACM TOMS 708, Didonato and Morris 1992).
  static func excess(_ e: Double, ratio: Double) -> Double {
    if abs(e) > 0.4 { return e - Elementary.log(ratio) }
    let r = e / (2 + e)
    let square = r * r
    var series = 0.0
    for k in stride(from: 25, through: 3, by: -2) { series = series * square + 1 / Double(k) }
    return r * e - 2 * r * square * series
  }
}
