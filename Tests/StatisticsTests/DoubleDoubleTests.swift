import Statistics
import Testing

struct DoubleDoubleTests {
  @Test func sumsAndProductsOfDoublesAreExact() {
    let sum = DoubleDouble.sum(1, 0x1p-80)
    #expect(sum.high == 1 && sum.low == 0x1p-80)
    let difference = DoubleDouble.difference(0x1p-70, 3)
    #expect(difference.high == -3 && difference.low == 0x1p-70)
    // (1 + 2⁻⁵²)² = 1 + 2⁻⁵¹ + 2⁻¹⁰⁴
    let square = DoubleDouble.product(1 + 0x1p-52, 1 + 0x1p-52)
    #expect(square.high == 1 + 0x1p-51 && square.low == 0x1p-104)
  }

  /// (a + b)·(a − b) = a² − b², and quotients are undone by products.
  @Test func arithmeticKeepsTwiceTheDigits() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      let a = DoubleDouble.sum(random.nextUnit() + 0.5, random.nextUnit() * 0x1p-55)
      let b = DoubleDouble.sum(random.nextUnit() - 2, random.nextUnit() * 0x1p-55)
      let rest = (a + b) * (a - b) - (a * a - b * b)
      #expect(abs(rest.high) <= 0x1p-98)
      let undone = a / b * b - a
      #expect(abs(undone.high) <= 0x1p-102)
      #expect(abs(a.low) <= a.high.ulp / 2 && abs((a * b).low) <= abs((a * b).high).ulp / 2)
    }
  }

  @Test func powersOfTwoScaleExactly() {
    let third = DoubleDouble(1) / DoubleDouble(3)
    let scaled = third.scaled(by: 0x1p40)
    #expect(scaled.high == third.high * 0x1p40 && scaled.low == third.low * 0x1p40)
    #expect(abs((third + third + third - DoubleDouble(1)).high) <= 0x1p-104)
  }
}
