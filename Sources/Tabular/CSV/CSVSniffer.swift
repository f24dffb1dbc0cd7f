import Diagnostics

/// What of a dialect is given; the rest is told by the text.
package struct DialectRequest: Sendable, Hashable {
  package var delimiter: UInt8?
  /// 0 for none.
  package var quote: UInt8?
  package var escape: UInt8?
  package var comment: UInt8?
  package var decimal: UInt8?
  package var thousands: UInt8?
  package var header: Bool?
  /// Whether `thousands` was told by other files that belong to the same table.
  package var thousandsAreGuessed = false

  package init() {}
}

/// Tells the dialect of a CSV file by its first records.
///
/// The delimiter is the one of comma, semicolon, tab and bar by which most records have as many cells as the first one, of
/// equally good ones that with more cells. Quotes are single ones, and a backslash escapes, only where records fall apart
/// otherwise. Lines that begin with `#` are comments unless the first one is the header. A comma is a decimal one where a
/// column is numbers with it, text without, and some fraction has not three digits; groups of digits are such where a
/// number has one of them and a fraction, or the numbers of a column have several and not all the same; points part them
/// only where a comma is a decimal one. There is no header where some cells of the first record are numbers or dates as those
/// below them are, unless they are years or count from 0 or 1, as names do.
struct CSVSniffer {
  private static let recordLimit = 500

  private let text: UnsafeBufferPointer<UInt8>
  let request: DialectRequest

  /// `text` begins a file, without its byte order mark.
  init(_ text: UnsafeBufferPointer<UInt8>, _ request: DialectRequest) {
    self.text = text
    self.request = request
  }

  func dialect() -> CSVDialect {
    var best = CSVDialect(delimiter: request.delimiter ?? UInt8(ascii: ","))
    best.quote = request.quote ?? best.quote
    best.escape = request.escape ?? 0
    best.comment = request.comment ?? comment()
    best.decimal = request.decimal ?? best.decimal
    best.thousands = request.thousands ?? 0
    best.thousandsAreGuessed = request.thousandsAreGuessed && best.thousands != 0
    var bestFit = fit(best)
    for candidate in candidates(best) {
      let fit = fit(candidate)
      if fit > bestFit { (best, bestFit) = (candidate, fit) }
    }
    if request.decimal == nil || request.thousands == nil { setNumbers(&best) }
    return best
  }

  /// Usual ones first.
  private func candidates(_ base: CSVDialect) -> [CSVDialect] {
    let delimiters: [UInt8] = request.delimiter.map { [$0] } ?? Array(",;\t|".utf8).filter { $0 != request.decimal }
    let quotes: [UInt8] = request.quote.map { [$0] } ?? Array("\"'".utf8)
    let escapes: [UInt8] = request.escape.map { [$0] } ?? [0, UInt8(ascii: "\\")]
    var candidates: [CSVDialect] = []
    for quote in quotes {
      for escape in escapes {
        for delimiter in delimiters {
          var candidate = base
          (candidate.delimiter, candidate.quote, candidate.escape) = (delimiter, quote, escape)
          candidates.append(candidate)
        }
      }
    }
    return candidates
  }

  /// How well records go together.
  private struct Fit: Comparable {
    /// Thousandths of the records that have as many cells as the first, with more than one.
    var share: Int
    var cells: Int

    static func < (left: Fit, right: Fit) -> Bool { (left.share, left.cells) < (right.share, right.cells) }
  }

  private func fit(_ dialect: CSVDialect) -> Fit {
    let records = records(dialect)
    let cells = records.first?.count ?? 0
    if cells < 2 { return Fit(share: 0, cells: 1) }
    let alike = records.count { $0.count == cells }
    // An escape or other quotes must show for something, unless they are given.
    let isUsual =
      (dialect.quote == UInt8(ascii: "\"") || request.quote != nil) && (dialect.escape == 0 || request.escape != nil)
    let isUsed = isUsual || records.contains { $0.contains { $0.isWrapped } }
    return Fit(share: isUsed ? alike * 1000 / records.count : 0, cells: cells)
  }

  struct Cell {
    var content: [UInt8]
    /// Quotes stood around it, or bytes in it were escaped.
    var isWrapped: Bool
  }

  /// The first records; one that cannot be cut counts as one without cells.
  func records(_ dialect: CSVDialect) -> [[Cell]] {
    var tokenizer = CSVTokenizer(text, dialect)
    var records: [[Cell]] = []
    var spans: [CellSpan] = []
    while records.count < Self.recordLimit {
      spans.removeAll(keepingCapacity: true)
      do throws(CSVFlaw) {
        guard let record = try tokenizer.nextRecord(into: &spans), record.offset < text.count else { break }
        // The last one may be cut off.
        if tokenizer.offset == text.count, text.last != lineFeed, text.last != carriageReturn, !records.isEmpty {
          break
        }
        records.append(
          spans.map { span in
            let isWrapped = span.start > 0 && text[Int(span.start) - 1] == dialect.quote && dialect.quote != 0
            return Cell(
              content: text.withContent(of: span, dialect) { Array($0) }, isWrapped: isWrapped || span.hasEscapes)
          })
      } catch {
        records.append([])
        if error.kind == .unclosedQuote { break }
        tokenizer.skipRecord(from: error.offset)
      }
    }
    return records
  }

  private func comment() -> UInt8 {
    let mark = UInt8(ascii: "#")
    guard text.first == mark || text.firstOffset(of: mark, from: 0) != nil else { return 0 }
    var plain = CSVDialect(delimiter: request.delimiter ?? UInt8(ascii: ","))
    plain.comment = 0
    let lines = text.split(omittingEmptySubsequences: true) { $0 == lineFeed || $0 == carriageReturn }.prefix(50)
    let marked = lines.prefix { $0.first == mark }
    guard !marked.isEmpty else { return lines.contains { $0.first == mark } && isSparse(lines) ? mark : 0 }
    // `#id,name` is a header when what follows has as many cells.
    if marked.count == 1, let next = lines.dropFirst().first {
      for delimiter in Array(",;\t|".utf8) {
        let cells = lines[lines.startIndex].count { $0 == delimiter }
        if cells > 0, cells == next.count(where: { $0 == delimiter }) { return 0 }
      }
    }
    return mark
  }

  /// Whether lines that begin with `#` have no delimiters, unlike the others.
  private func isSparse(_ lines: some Collection<Slice<UnsafeBufferPointer<UInt8>>>) -> Bool {
    let delimiters = Array(",;\t|".utf8)
    return lines.allSatisfy { line in (line.first == UInt8(ascii: "#")) != line.contains { delimiters.contains($0) } }
  }

  private func setNumbers(_ dialect: inout CSVDialect) {
    let records = records(dialect).dropFirst()
    guard let columns = records.map(\.count).max(), columns > 0 else { return }
    for (decimal, thousands) in [(comma, point), (point, comma)] {
      if let given = request.decimal, given != decimal { continue }
      if let given = request.thousands, given != thousands, given != 0 { continue }
      var shape = NumberShape()
      for column in 0..<columns {
        let cells = records.compactMap { column < $0.count && !$0[column].content.isEmpty ? $0[column].content : nil }
        shape.add(cells, decimal: decimal, thousands: thousands)
      }
      if decimal == comma, request.decimal == nil, shape.hasFractions { dialect.decimal = comma }
      if request.thousands == nil, shape.hasGroups, dialect.decimal == decimal {
        dialect.thousands = thousands
        dialect.thousandsAreGuessed = true
      }
    }
  }

  /// The columns that are numbers in some dialect, and not in this one, as far as the first records show.
  func maybeNumbers(_ dialect: CSVDialect) -> Set<Int> {
    if request.decimal != nil, request.thousands != nil { return [] }
    let records = records(dialect).dropFirst()
    let numbers = NumberDialect(dialect)
    var found: Set<Int> = []
    for column in 0..<(records.map(\.count).max() ?? 0) {
      let cells = records.compactMap { column < $0.count && !$0[column].content.isEmpty ? $0[column].content : nil }
      let isRead = cells.allSatisfy { $0.withUnsafeBufferPointer { numbers.withPlain($0) { NumberText($0) != nil } } }
      if cells.isEmpty || isRead { continue }
      for (decimal, thousands) in [(comma, point), (point, comma)] {
        if request.decimal ?? decimal != decimal || request.thousands ?? thousands != thousands { continue }
        if NumberShape.areNumbers(cells, decimal: decimal, thousands: thousands) { found.insert(column) }
      }
    }
    return found
  }
}

/// What columns of numbers in a dialect show.
private struct NumberShape {
  /// Some fraction has not just three digits, so that the mark before it parts no groups.
  var hasFractions = false
  /// Some number has a group and a fraction, or the numbers of a column have two groups and more or fewer.
  var hasGroups = false

  /// Whether cells are numbers of a dialect.
  static func areNumbers(_ cells: [[UInt8]], decimal: UInt8, thousands: UInt8) -> Bool {
    var dialect = CSVDialect()
    (dialect.decimal, dialect.thousands) = (decimal, thousands)
    let numbers = NumberDialect(dialect)
    return cells.allSatisfy { $0.withUnsafeBufferPointer { numbers.withPlain($0) { NumberText($0) != nil } } }
  }

  mutating func add(_ cells: [[UInt8]], decimal: UInt8, thousands: UInt8) {
    if cells.isEmpty || !Self.areNumbers(cells, decimal: decimal, thousands: thousands) { return }
    var (fractions, groups, isOther) = (false, false, false)
    var groupCounts: Set<Int> = []
    for cell in cells {
      if cell.withUnsafeBufferPointer({ NumberText($0) == nil }) { isOther = true }
      let marks = cell.count { $0 == thousands }
      let parts = cell.split(separator: decimal, omittingEmptySubsequences: false)
      if parts.count == 2, parts[1].count != 3 { fractions = true }
      if marks > 0, parts.count == 2 { groups = true }
      groupCounts.insert(marks)
    }
    // Addresses and telephone numbers have as many groups each.
    if groupCounts.count > 1, groupCounts.contains(where: { $0 > 1 }) { groups = true }
    // Columns that are numbers as usual say nothing.
    if isOther {
      hasFractions = hasFractions || fractions
      hasGroups = hasGroups || groups
    }
  }
}

private let point = UInt8(ascii: ".")
private let comma = UInt8(ascii: ",")

/// What a text told of its dialect, and how sure that is.
struct DialectHints: Sendable {
  /// Whether nobody said if there is a header.
  var isHeaderGuessed: Bool
  var isHeaderSure: Bool
  /// The positions of columns that may be numbers in another dialect.
  var maybeNumbers: Set<Int>
}

extension CSVDialect {
  /// What is unusual in it, as notes tell it; nil where nothing is.
  func remark(hasHeader: Bool) -> String? {
    func shown(_ byte: UInt8) -> String { byte == 9 ? "tab" : "'\(Character(Unicode.Scalar(byte)))'" }
    var parts: [String] = []
    if delimiter != UInt8(ascii: ",") { parts.append("delimiter \(shown(delimiter))") }
    if quote != UInt8(ascii: "\"") { parts.append(quote == 0 ? "no quotes" : "quote \(shown(quote))") }
    if escape != 0 { parts.append("escape \(shown(escape))") }
    if comment != 0 { parts.append("comments \(shown(comment))") }
    if decimal != UInt8(ascii: ".") { parts.append("decimal \(shown(decimal))") }
    if thousands != 0 { parts.append("thousands \(shown(thousands))") }
    if !hasHeader { parts.append("no header") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
