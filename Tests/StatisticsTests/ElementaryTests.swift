import Glibc
import Statistics
import Testing

/// Against the C library, whose functions are within half a unit or so of the exact value.
struct ElementaryTests {
  private func distance(_ ours: Double, _ theirs: Double) -> Double {
    ours == theirs ? 0 : abs(ours - theirs) / theirs.ulp
  }

  @Test func exponentialIsWithinAUnitInTheLastPlace() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<5000 {
      let x = (generator.nextUnit() - 0.5) * 1416
      #expect(distance(Elementary.exp(x), Glibc.exp(x)) <= 1.5, "\(x)")
      let small = (generator.nextUnit() - 0.5) * 4
      #expect(distance(Elementary.exp(small), Glibc.exp(small)) <= 1, "\(small)")
    }
    #expect(Elementary.exp(0) == 1)
    #expect(Elementary.exp(-745) == Glibc.exp(-745))
    #expect(Elementary.exp(-800) == 0)
    #expect(Elementary.exp(-.infinity) == 0)
    #expect(Elementary.exp(800) == .infinity)
    #expect(Elementary.exp(.infinity) == .infinity)
    #expect(Elementary.exp(.nan).isNaN)
  }

  @Test func logarithmIsWithinAUnitInTheLastPlace() {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<5000 {
      let x = Glibc.exp((generator.nextUnit() - 0.5) * 1400)
      #expect(distance(Elementary.log(x), Glibc.log(x)) <= 1, "\(x)")
      let near = 0.5 + generator.nextUnit()
      #expect(distance(Elementary.log(near), Glibc.log(near)) <= 1, "\(near)")
      let tiny = Glibc.exp(-generator.nextUnit() * 60)
      #expect(distance(Elementary.logOnePlus(tiny), Glibc.log1p(tiny)) <= 1.5, "\(tiny)")
      #expect(distance(Elementary.logOnePlus(1 / tiny), Glibc.log1p(1 / tiny)) <= 1.5, "\(tiny)")
    }
    #expect(Elementary.log(1) == 0)
    #expect(Elementary.log(0) == -.infinity)
    #expect(Elementary.log(-1).isNaN)
    #expect(Elementary.log(.infinity) == .infinity)
    #expect(Elementary.log(Double.leastNonzeroMagnitude) == Glibc.log(Double.leastNonzeroMagnitude))
  }

  @Test func logisticIsAccurateInBothTails() {
    #expect(Elementary.logistic(0) == 0.5)
    #expect(distance(Elementary.logistic(-700), Glibc.exp(-700)) <= 2)
    #expect(Elementary.logistic(800) == 1)
    #expect(Elementary.softplus(-800) == 0)
    #expect(Elementary.softplus(1e6) == 1e6)
    #expect(abs(Elementary.softplus(0) - 0.6931471805599453) < 1e-16)
    let probabilities = Elementary.softmax([1000, 1001, 1002])
    // scipy.special.softmax
    let expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]
    #expect(zip(probabilities, expected).allSatisfy { abs($0 - $1) < 1e-15 })
  }
}
