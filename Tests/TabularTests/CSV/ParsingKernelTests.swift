import CParsing
import Glibc
import Testing

@testable import Tabular

/// Numbers that are hard to round, from a seed.
private struct HardNumbers {
  var generator: TestGenerator
  private var digits: [UInt8] = []

  init(seed: UInt64) { generator = TestGenerator(seed: seed) }

  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// Writes `mantissa`, a point within or before it, and an exponent, such that the value is mantissa × 10^exponent.
  private mutating func write(_ mantissa: UInt64, _ exponent: Int, to text: TextBuffer) {
    digits.removeAll(keepingCapacity: true)
    var rest = mantissa
    repeat {
      digits.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    if generator.next() & 1 == 0 { text.append(UInt8(ascii: "-")) }
    let places = exponent == 0 || generator.next() & 1 == 0 ? 0 : number(0...digits.count - 1)
    for at in digits.indices.reversed() {
      text.append(digits[at])
      if at == places, at > 0 { text.append(UInt8(ascii: ".")) }
    }
    let written = exponent + places
    if written != 0 || exponent != 0 { for byte in "e\(written)".utf8 { text.append(byte) } }
    text.append(lineFeed)
  }

  /// Half way between two doubles, or the least bit beside it: of (2m + 1) · 2^k or (2m + 1) · 2^-k, with at most 19 digits.
  private mutating func writeHalfway(to text: TextBuffer) {
    let odd = (generator.next() >> 11 | 1 << 52) << 1 | 1
    let step = number(0...9)
    let isFraction = step < 4 && generator.next() & 1 == 0
    var mantissa = odd
    for _ in 0..<step { mantissa &*= isFraction ? 5 : 2 }
    mantissa = mantissa &+ UInt64(number(0...2)) &- 1
    write(mantissa, isFraction ? -step : 0, to: text)
  }

  mutating func write(_ index: Int, to text: TextBuffer) {
    switch index % 4 {
    case 0: writeHalfway(to: text)
    // Every exponent.
    case 1: write(generator.next() >> UInt64(number(0...63)), index / 4 % 801 - 400, to: text)
    // As other programs write doubles.
    case 2:
      let value = Double(bitPattern: generator.next())
      for byte in (value.isFinite ? value : 0.1).description.utf8 { text.append(byte) }
      text.append(lineFeed)
    default: write(generator.next() % 10_000_000_000, number(-12...6), to: text)
    }
  }
}

@Suite struct ParsingKernelTests {
  /// Calls `body` with up to 64 cells, one a line: where each ends, and before the first.
  private func withCells(_ text: TextBuffer, _ body: (_ ends: UnsafePointer<UInt32>, _ count: Int) -> Void) {
    var ends: [UInt32] = [.max]
    for at in 0..<text.count where text.start[at] == lineFeed { ends.append(UInt32(at)) }
    ends.withUnsafeBufferPointer { ends in
      guard let start = ends.baseAddress else { return }
      body(start + 1, ends.count - 1)
    }
  }

  private func cell(_ text: TextBuffer, _ ends: UnsafePointer<UInt32>, _ row: Int) -> UnsafeBufferPointer<UInt8> {
    let start = Int(ends[row - 1] &+ 1)
    return UnsafeBufferPointer(start: text.start + start, count: Int(ends[row]) - start)
  }

  /// Reference: `strtod` of the C library, which rounds to the nearest, ties to even. MLFLOWCTL_HARD_NUMBERS says how many
  /// numbers are read, such as 10000000.
  @Test func everyNumberIsTheNearestDouble() {
    let total = getenv("MLFLOWCTL_HARD_NUMBERS").flatMap { Int(String(cString: $0)) } ?? 500_000
    var numbers = HardNumbers(seed: 41)
    let text = TextBuffer()
    var out = [Double](repeating: 0, count: 64)
    var (read, wrong) = (0, [String]())
    for first in stride(from: 0, to: total, by: 64) {
      text.removeAll()
      for index in first..<first + 64 { numbers.write(index, to: text) }
      withCells(text) { ends, count in
        var (present, fractions): (UInt64, UInt64) = (0, 0)
        let look = parsing_numbers(
          text.start, ends, 1, Int64(count), 0, UInt8(ascii: "."), &out, &present, &fractions)
        for row in 0..<count {
          let cell = cell(text, ends, row)
          guard let start = cell.baseAddress else { continue }
          let expected = UnsafeRawPointer(start).withMemoryRebound(to: CChar.self, capacity: 1) { strtod($0, nil) }
          var found = out[row]
          if look >> UInt64(row) & 1 == 1 {
            found = NumberText(cell).map { nearestDouble($0, cell) } ?? .nan
          } else {
            read += Int(present >> UInt64(row) & 1)
          }
          if found.bitPattern != expected.bitPattern, wrong.count < 10 {
            wrong.append("\(String(decoding: cell, as: UTF8.self)) became \(found)")
          }
        }
      }
    }
    #expect(wrong.isEmpty)
    // Most numbers need no closer look.
    #expect(read > total / 2)
  }

  /// Reference: `Int64(_:)` of the standard library.
  @Test func wholeNumbersOfEighteenDigitsAreReadAtOnce() {
    var generator = TestGenerator(seed: 43)
    let text = TextBuffer()
    var out = [Int64](repeating: 0, count: 64)
    for _ in 0..<1000 {
      text.removeAll()
      for _ in 0..<64 {
        let value = Int64(bitPattern: generator.next()) >> Int64.random(in: 0...63, using: &generator)
        for byte in value.description.utf8 { text.append(byte) }
        text.append(lineFeed)
      }
      withCells(text) { ends, count in
        var present: UInt64 = 0
        let look = parsing_integers(text.start, ends, 1, Int64(count), 0, &out, &present)
        for row in 0..<count {
          let digits = String(decoding: cell(text, ends, row), as: UTF8.self)
          let isShort = digits.utf8.count - (digits.hasPrefix("-") ? 1 : 0) <= 18
          #expect((look >> UInt64(row) & 1 == 0) == isShort, "\(digits)")
          if isShort { #expect(Int64(digits) == out[row] && present >> UInt64(row) & 1 == 1, "\(digits)") }
        }
      }
    }
  }

  @Test(arguments: ["x", "1x", "+1", "007", "1.5", "0x1", "-", "--1", "1-", "1 2", " 1", "1234567890123456789", "1e2"])
  func otherCellsAreLookedAtCloser(content: String) {
    let text = TextBuffer()
    for byte in (content + "\n\n12\n").utf8 { text.append(byte) }
    withCells(text) { ends, count in
      var out = [Int64](repeating: 9, count: 64)
      var present: UInt64 = 0
      let look = parsing_integers(text.start, ends, 1, Int64(count), 0, &out, &present)
      #expect(look == 1 && present == 4 && out[1] == 0 && out[2] == 12)
    }
  }
}
