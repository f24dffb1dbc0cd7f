@testable import Tabular

/// Text that is made of the bytes that structure CSV files, from a seed.
struct RandomCSV {
  private(set) var generator: TestGenerator

  init(seed: UInt64) { generator = TestGenerator(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// Any order of such bytes, ended by a line feed.
  mutating func disorder(_ dialect: CSVDialect, count: Int) -> [UInt8] {
    var alphabet = Array("ab1  \t\n\n\r\r\n".utf8) + [dialect.delimiter, dialect.delimiter]
    alphabet += [dialect.quote, dialect.quote, dialect.quote, dialect.escape, dialect.comment].filter { $0 != 0 }
    return (0..<count).map { _ in alphabet[number(0...alphabet.count - 1)] } + [lineFeed]
  }

  /// Records as RFC 4180 has them, with what their cells hold.
  mutating func records(
    _ dialect: CSVDialect, rows: Int, columns: Int, lineBreak: String
  ) -> (text: [UInt8], cells: [[UInt8]]) {
    var text: [UInt8] = []
    var cells: [[UInt8]] = []
    for _ in 0..<rows {
      for column in 0..<columns {
        if column > 0 { text.append(dialect.delimiter) }
        let cell = cell(dialect, isQuoted: number(0...2) == 0)
        cells.append(cell.content)
        text += cell.text
      }
      text += Array(lineBreak.utf8)
    }
    return (text, cells)
  }

  private mutating func cell(_ dialect: CSVDialect, isQuoted: Bool) -> (text: [UInt8], content: [UInt8]) {
    let plain = Array("ab19-.~".utf8)
    let quoted = plain + [dialect.quote, dialect.delimiter, lineFeed, carriageReturn, 0x20]
    let alphabet = isQuoted ? quoted : plain
    let content = (0..<number(isQuoted ? 0...70 : 1...12)).map { _ in alphabet[number(0...alphabet.count - 1)] }
    if !isQuoted { return (content, content) }
    let inner = content.flatMap { $0 == dialect.quote ? [$0, $0] : [$0] }
    return ([dialect.quote] + inner + [dialect.quote], content)
  }
}

/// The usual dialect, and others.
let testDialects = [
  CSVDialect(), CSVDialect(delimiter: 9, quote: UInt8(ascii: "'")),
  CSVDialect(delimiter: UInt8(ascii: ";"), quote: 0),
  CSVDialect(escape: UInt8(ascii: "\\"), comment: UInt8(ascii: "#")),
]
