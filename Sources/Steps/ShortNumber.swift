import Glibc

/// A number for people: about four significant digits; whole numbers in full below 10¹⁵.
package func shortNumber(_ value: Double) -> String {
  let magnitude = abs(value)
  if !value.isFinite { return value.description }
  if value == 0 { return "0" }
  if magnitude < 1e-3 || magnitude >= 1e15 { return scientific(value) }
  if value == value.rounded() { return String(Int64(value)) }
  let decimals = magnitude >= 1000 ? 1 : magnitude >= 100 ? 2 : magnitude >= 1 ? 3 : 4
  let digits = String(Int64((magnitude * pow(10, Double(decimals))).rounded()))
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let cut = padded.index(padded.endIndex, offsetBy: -decimals)
  return (value < 0 ? "-" : "") + padded[..<cut] + "." + padded[cut...]
}

/// `1.234e-5`.
private func scientific(_ value: Double) -> String {
  var exponent = log10(abs(value)).rounded(.down)
  // In two factors, since 10⁻³²⁴ is no number.
  let half = (exponent / 2).rounded(.down)
  var mantissa = (value / pow(10, half) / pow(10, exponent - half) * 1000).rounded() / 1000
  if abs(mantissa) >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
  return "\(mantissa)e\(Int(exponent))"
}
