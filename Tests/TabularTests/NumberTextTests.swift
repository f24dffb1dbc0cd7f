import Glibc
import Testing

@testable import Tabular

private func parsed(_ text: String) -> Double? {
  var text = text
  return text.withUTF8 { bytes in NumberText(bytes).map { nearestDouble($0, bytes) } }
}

private func integer(_ text: String) -> Int64? {
  var text = text
  return text.withUTF8 { NumberText($0)?.integer }
}

@Suite struct NumberTextTests {
  /// Reference: `strtod` of the C library in the "C" locale.
  @Test func numbersAreTheNearestDoubles() {
    var generator = TestGenerator(seed: 17)
    for round in 0..<20_000 {
      let digits = String(
        (0..<Int.random(in: 1...25, using: &generator)).map { _ in
          Character(String(Int.random(in: 0...9, using: &generator)))
        })
      let cut = Int.random(in: 0...digits.count, using: &generator)
      let exponent = [0, Int.random(in: -30...30, using: &generator), Int.random(in: -345...310, using: &generator)][
        round % 3]
      let text =
        "\(round % 2 == 0 ? "-" : "")\(digits.prefix(cut)).\(digits.dropFirst(cut))"
        + (exponent == 0 ? "" : "e\(exponent)")
      #expect(parsed(text)?.bitPattern == strtod(text, nil).bitPattern, "\(text)")
    }
    for _ in 0..<5000 {
      let value = Double(bitPattern: generator.next())
      if value.isFinite { #expect(parsed(value.description) == value) }
    }
  }

  /// Reference: `Int64(_:)` of the standard library.
  @Test func integersAreExactOrNone() {
    for text in [
      "0", "-0", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
      "18446744073709551616", "99999999999999999999", "000000000000000000000000012", "+7",
    ] {
      #expect(integer(text) == Int64(text), "\(text)")
    }
    #expect(integer("5.0") == 5)
    #expect(integer("-120.000") == -120)
    #expect(integer("0.00") == 0)
    #expect(integer("5.5") == nil)
    #expect(integer("5e3") == nil)
  }

  @Test(arguments: ["", "-", ".", "e5", "1e", "1e+", "1..2", "1,5", "0x1", "1 2", "--1", "nan", "inf", "1e5.0", "١"])
  func otherTextsAreNoNumbers(text: String) {
    #expect(parsed(text) == nil)
  }
}
