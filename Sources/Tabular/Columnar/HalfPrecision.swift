/// The number that 16 bits hold as IEEE 754 half precision; not `Float16`, which some processors lack.
func halfPrecision(_ bits: UInt16) -> Double {
  let isNegative = bits & 0x8000 != 0
  let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Double(bits & 0x3FF))
  let magnitude =
    switch exponent {
    case 0: fraction * 0x1p-24
    case 31: fraction == 0 ? Double.infinity : .nan
    default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  return isNegative ? -magnitude : magnitude
}
