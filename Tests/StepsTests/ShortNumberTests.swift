import Steps
import Testing

@Suite struct ShortNumberTests {
  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1"), (-17, "-17"), (123_456_789, "123456789"), (0.5, "0.5000"), (-0.25, "-0.2500"),
    (0.00123, "0.0012"), (0.000123, "1.23e-4"), (-0.000123, "-1.23e-4"), (3.14159, "3.142"), (31.4159, "31.416"),
    (314.159, "314.16"), (3141.59, "3141.6"), (-3141.59, "-3141.6"), (1e15, "1.0e15"), (-2.5e300, "-2.5e300"),
    (0.00099999, "1.0e-3"), (.leastNonzeroMagnitude, "4.941e-324"),
    (0.99999, "1.0000"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
  ])
  func numbersAreShownWithAboutFourDigits(_ value: Double, _ text: String) {
    #expect(shortNumber(value) == text)
  }

  /// A user's data may hold any number: none may end the program.
  @Test func everyFiniteNumberHasAText() {
    for exponent in -1074...1023 {
      let value = Double(sign: .plus, exponent: exponent, significand: 1.5)
      #expect(!shortNumber(value).isEmpty)
      #expect(shortNumber(-value).hasPrefix("-"))
    }
  }
}
