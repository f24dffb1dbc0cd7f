import Basics
import Testing

/// Expected texts from RFC 8785, section 3.2 and appendix B.
@Suite struct CanonicalJSONTests {
  @Test func numbersAreWrittenAsECMAScriptDoes() {
    let cases: [(UInt64, String)] = [
      (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
      (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
      (0x4340_0000_0000_0000, "9007199254740992"), (0xc340_0000_0000_0000, "-9007199254740992"),
      (0x4430_0000_0000_0000, "295147905179352830000"), (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
      (0x44b5_2d02_c7e1_4af6, "1e+23"), (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
      (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"), (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
      (0x444b_1ae4_d6e2_ef50, "1e+21"), (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
      (0x3eb0_c6f7_a0b5_ed8d, "0.000001"), (0x41b3_de43_5555_5553, "333333333.3333332"),
      (0x41b3_de43_5555_5554, "333333333.33333325"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
      (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ]
    for (bits, text) in cases { #expect(JSON.number(Double(bitPattern: bits)).canonical == text) }
  }

  @Test func keysAreSortedByUTF16() {
    let value: JSON = ["\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7]
    #expect(
      value.canonical == "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}")
  }

  @Test func whatJSONCannotCarryBecomesText() throws {
    let value: JSON = [.integer(1 << 60), .number(.infinity), .number(.nan), .integer(1 << 53)]
    #expect(value.canonical == "[\"1152921504606846976\",\"Infinity\",\"NaN\",9007199254740992]")
    let read = try JSON(parsing: value.canonical)
    #expect(read.arrayValue?[0].intValue == 1 << 60)
    #expect(read.arrayValue?[1].doubleValue == .infinity)
    #expect(JSON.string("-9223372036854775808").intValue == .min)
  }

  @Test func canonicalTextIsAFixedPoint() throws {
    let text = #"{"a":[1,2.5,"x\n\u0001é"],"b":{"c":null,"d":true}}"#
    #expect(try JSON(parsing: text).canonical == text)
  }

  @Test(arguments: ["", "{", "[1,]", "01", "1.", "\"\\x\"", "{\"a\":1,\"a\":2}", "nul", "1 2", "\"\\ud800\"", "+1"])
  func brokenTextIsRefused(_ text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
  }

  /// A double without a fraction looks like an integer, and beyond 2⁵³ integers are written as strings.
  @Test(arguments: [60712241867395520.0, 9007199254740994, 1e20, -4.5e18, 1e21, 9007199254740992])
  func largeDoublesReadBackAsTheyWereWritten(value: Double) throws {
    let text = JSON.number(value).canonical
    #expect(try JSON(parsing: Array(text.utf8)).canonical == text)
    #expect(try JSON(parsing: Array(text.utf8)).doubleValue == value)
  }
}
