import Glibc

/// A number for people: about four significant digits.
package func shortNumber(_ value: Double) -> String {
  if !value.isFinite { return value.description }
  if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
  let magnitude = abs(value)
  let decimals = magnitude >= 1000 ? 1 : magnitude >= 100 ? 2 : magnitude >= 1 ? 3 : magnitude >= 1e-3 ? 4 : -1
  if decimals < 0 {
    let exponent = Int(log10(magnitude).rounded(.down))
    return "\((value / pow(10, Double(exponent)) * 1000).rounded() / 1000)e\(exponent)"
  }
  let digits = String(Int64((magnitude * pow(10, Double(decimals))).rounded()))
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let cut = padded.index(padded.endIndex, offsetBy: -decimals)
  return (value < 0 ? "-" : "") + padded[..<cut] + "." + padded[cut...]
}
