import Testing

@testable import Tabular

@Suite struct NumberDialectTests {
  /// The number that a cell is; nil where it is none.
  private func value(_ text: String, decimal: Character, thousands: Character?) -> Double? {
    let dialect = CSVDialect(decimal: decimal.asciiValue ?? 0, thousands: thousands?.asciiValue ?? 0)
    var text = text
    return text.withUTF8 { cell in
      NumberDialect(dialect).withPlain(cell) { plain in NumberText(plain).map { nearestDouble($0, plain) } }
    }
  }

  @Test(
    arguments: [
      ("1,5", 1.5), ("-0,25", -0.25), ("+3,", 3), (",5", 0.5), ("1,5e3", 1500), ("7", 7), ("1.5", nil), ("1.", nil),
      ("1,2,3", nil), ("1.234,5", nil), (",", nil), ("", nil), ("-", nil),
    ] as [(String, Double?)])
  func commasPartFractions(text: String, expected: Double?) {
    #expect(value(text, decimal: ",", thousands: nil) == expected, "\(text)")
  }

  @Test(
    arguments: [
      ("1.234", 1234), ("1.234,5", 1234.5), ("-12.345.678,25", -12_345_678.25), ("999", 999),
      ("1234567,5", 1_234_567.5),
      ("1.5", nil), ("12.34", nil), ("1.2345", nil), ("1234.567", nil), (".123", nil), ("1..234", nil), ("1.234.", nil),
      ("1,234.567", nil), ("1.234,5.6", nil),
    ] as [(String, Double?)])
  func pointsPartGroups(text: String, expected: Double?) {
    #expect(value(text, decimal: ",", thousands: ".") == expected, "\(text)")
  }

  @Test(
    arguments: [
      ("1,234,567.5", 1_234_567.5), ("+1,000", 1000), ("123", 123), ("1.5", 1.5), ("1,23", nil), ("1234,567", nil),
      ("1,234,56", nil), (",123", nil), ("1.234,567", nil), ("1,,234", nil),
    ] as [(String, Double?)])
  func commasPartGroups(text: String, expected: Double?) {
    #expect(value(text, decimal: ".", thousands: ",") == expected, "\(text)")
  }

  @Test func otherCellsComeBackAsTheyAre() {
    let dialect = CSVDialect(decimal: UInt8(ascii: ","), thousands: UInt8(ascii: "."))
    for text in ["2024-01-31", "true", "12.05.2024", "x,y", "1.2.3", "2024-01-31T12:00:00,25"] {
      Array(text.utf8).withUnsafeBufferPointer { cell in
        NumberDialect(dialect).withPlain(cell) { #expect(String(decoding: $0, as: UTF8.self) == text) }
      }
    }
  }
}
