/// Exponential, logarithm and what classification makes of them, in our own arithmetic: additions, multiplications and
/// divisions of IEEE doubles alone, so that the C library and the processor do not matter for the bits.
///
/// Free of branches where it counts, so that loops over them can be vectorised. Errors are below 1 unit in the last
/// place for `exp` and `log`, and about 1 for `logOnePlus` and the functions built on them.
package enum Elementary {
  /// eˣ. Argument reduction x = k·ln 2 + r with |r| ≤ ln 2 / 2, then the rational form of fdlibm's `e_exp.c`
  /// (Sun Microsystems 1993).
  @inline(__always)
  package static func exp(_ x: Double) -> Double {
    // Beyond these the result is 0 or infinite; NaN passes through both comparisons.
    let held = x < -746 ? -746 : x > 710 ? 710 : x
    // Adding 1.5·2⁵² rounds to an integer, which then stands in the low bits.
    let rounder = 0x1.8p52
    let shifted = held * 1.442695040888963387 + rounder
    let k = shifted - rounder
    let high = held - k * 6.93147180369123816490e-01
    let low = k * 1.90821492927058770002e-10
    let r = high - low
    let t = r * r
    let c =
      r - t
      * (1.66666666666666019037e-01 + t
        * (-2.77777777770155933842e-03 + t
          * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    // 2ᵏ in two factors, since k may lie outside the exponents of normal numbers. NaN has some k and stays NaN.
    let power = Int64(truncatingIfNeeded: shifted.bitPattern &- rounder.bitPattern)
    let half = power >> 1
    return y * powerOfTwo(half) * powerOfTwo(power &- half)
  }

  @inline(__always)
  private static func powerOfTwo(_ exponent: Int64) -> Double {
    Double(bitPattern: UInt64(truncatingIfNeeded: exponent &+ 1023) << 52)
  }

  /// The natural logarithm: NaN below 0, −∞ at 0. fdlibm's `e_log.c` (Sun Microsystems 1993).
  @inline(__always)
  package static func log(_ x: Double) -> Double {
    if !(x > 0) { return x == 0 ? -.infinity : .nan }
    if x == .infinity { return x }
    // Subnormal numbers are lifted first.
    let tiny = x < 0x1p-1022
    let bits = (tiny ? x * 0x1p54 : x).bitPattern
    // x = 2ᵏ·m with √½ < m < √2.
    let offset = bits &- 0x3FE6_A09E_667F_3BCD
    let k = Int64(bitPattern: offset) >> 52
    let f = Double(bitPattern: bits &- UInt64(bitPattern: k) << 52) - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let odd =
      z
      * (6.666666666666735130e-01 + w
        * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let half = 0.5 * f * f
    let scale = Double(k) - (tiny ? 54 : 0)
    return scale * 6.93147180369123816490e-01
      - ((half - (s * (half + (odd + even)) + scale * 1.90821492927058770002e-10)) - f)
  }

  /// ln(1 + x) for x ≥ 0, without losing a small x: the logarithm of the rounded sum, and what rounding took.
  @inline(__always)
  package static func logOnePlus(_ x: Double) -> Double {
    let sum = 1 + x
    if sum == .infinity { return sum }
    // Below 1 the sum dropped x's low part; above, it dropped a part of the 1.
    let lost = x <= 1 ? x - (sum - 1) : 1 - (sum - x)
    return log(sum) + lost / sum
  }

  /// 1 / (1 + e⁻ˣ), the logistic function, without overflow and accurate in both tails.
  @inline(__always)
  package static func logistic(_ x: Double) -> Double {
    let decay = exp(-abs(x))
    let small = decay / (1 + decay)
    return x < 0 ? small : 1 / (1 + decay)
  }

  /// ln(1 + eˣ), without overflow: the loss of a logistic model whose margin is −x.
  @inline(__always)
  package static func softplus(_ x: Double) -> Double {
    (x > 0 ? x : 0) + logOnePlus(exp(-abs(x)))
  }
}

extension Elementary {
  /// Turns the scores of one row, `stride` apart, into probabilities in place: eˢ / Σ eˢ, after subtracting the
  /// largest score. Returns ln Σ eˢ of the original scores. Additions go in the order of the classes.
  package static func softmax(_ scores: UnsafeMutablePointer<Double>, count: Int, stride: Int = 1) -> Double {
    guard count > 0 else { return -.infinity }
    var largest = scores[0]
    for index in 1..<max(1, count) where scores[index * stride] > largest { largest = scores[index * stride] }
    var sum = 0.0
    for index in 0..<count {
      let value = exp(scores[index * stride] - largest)
      scores[index * stride] = value
      sum += value
    }
    for index in 0..<count { scores[index * stride] /= sum }
    return largest + log(sum)
  }

  /// Probabilities of the scores of one row.
  package static func softmax(_ scores: [Double]) -> [Double] {
    var out = scores
    out.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { _ = softmax(start, count: buffer.count) }
    }
    return out
  }
}
