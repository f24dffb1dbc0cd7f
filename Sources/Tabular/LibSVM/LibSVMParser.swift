/// Parses lines of libsvm (svmlight) files: `[label] [index:number …] [# comment]`, indices ascending.
///
/// Blank lines and lines of comment alone are no rows. A label is a number; a row without one has a missing label.
struct LibSVMParser {
  private(set) var lineCount = 0
  private(set) var flaws = LibSVMFlaws()
  private let rows: LibSVMRows

  /// Rows go to `rows`, which has room for them.
  init(into rows: LibSVMRows) { self.rows = rows }

  /// Parses whole lines: the last byte must be a line feed. Rows with a flaw are counted in `flaws` and left out.
  mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress, bytes.last == lineFeed else { return }
    var at = start
    let end = start + bytes.count
    while at < end {
      do {
        at = try parseLine(at)
      } catch {
        flaws.add(error.kind, line: lineCount, column: column(of: error.at, in: start))
        at = lineEnd(from: error.at) + 1
      }
      lineCount += 1
    }
  }

  /// Parses the line at `start` and returns where the next one begins.
  private func parseLine(_ start: UnsafePointer<UInt8>) throws(Flaw) -> UnsafePointer<UInt8> {
    var at = skipBlanks(start)
    if isLineEnd(at) { return lineEnd(from: at) + 1 }
    var label = Double.nan
    if !startsPair(at) {
      guard let (number, next) = parseNumber(at) else { throw Flaw(kind: labelFlaw(at), at: at) }
      if next.pointee == UInt8(ascii: ",") { throw Flaw(kind: .severalLabels, at: at) }
      guard isBlank(next.pointee) || isLineEnd(next) else { throw Flaw(kind: .badLabel, at: at) }
      guard number.isFinite else { throw Flaw(kind: .badLabel, at: at) }
      label = number
      at = next
    }
    var count = rows.entryCount
    var previous: Int64 = -1
    while true {
      at = skipBlanks(at)
      if isLineEnd(at) { break }
      let pair = at
      var index: Int64 = 0
      while true {
        let digit = at.pointee &- UInt8(ascii: "0")
        if digit > 9 { break }
        index = index &* 10 &+ Int64(digit)
        at += 1
        if at - pair > 18 { throw Flaw(kind: .hugeIndex, at: pair) }
      }
      guard at > pair, at.pointee == UInt8(ascii: ":") else { throw Flaw(kind: pairFlaw(pair), at: pair) }
      if index <= previous { throw Flaw(kind: index == previous ? .repeatedIndex : .descendingIndex, at: pair) }
      if index >= Int64(Int32.max) { throw Flaw(kind: .hugeIndex, at: pair) }
      previous = index
      guard let (number, next) = parseNumber(at + 1) else { throw Flaw(kind: .badNumber, at: at + 1) }
      guard isBlank(next.pointee) || isLineEnd(next) else { throw Flaw(kind: .badNumber, at: at + 1) }
      guard number.isFinite else { throw Flaw(kind: .infiniteNumber, at: at + 1) }
      rows.indices[count] = Int32(truncatingIfNeeded: index)
      rows.numbers[count] = number
      count += 1
      at = next
    }
    rows.close(label: label, entryCount: count)
    return lineEnd(from: at) + 1
  }

  /// Whether digits and a colon stand here, so that the row has no label.
  private func startsPair(_ start: UnsafePointer<UInt8>) -> Bool {
    var at = start
    while at.pointee &- UInt8(ascii: "0") < 10 { at += 1 }
    return at > start && at.pointee == UInt8(ascii: ":")
  }

  private func labelFlaw(_ at: UnsafePointer<UInt8>) -> LibSVMProblem.Kind {
    isQueryID(at) ? .queryID : .badLabel
  }

  private func pairFlaw(_ at: UnsafePointer<UInt8>) -> LibSVMProblem.Kind {
    isQueryID(at) ? .queryID : .badPair
  }

  private func isQueryID(_ at: UnsafePointer<UInt8>) -> Bool {
    for (offset, byte) in "qid:".utf8.enumerated() where at[offset] != byte { return false }
    return true
  }

  /// Characters up to `at` in its line, from 1.
  private func column(of at: UnsafePointer<UInt8>, in start: UnsafePointer<UInt8>) -> Int {
    var column = 1
    var before = at
    while before > start, before[-1] != lineFeed {
      before -= 1
      if before.pointee & 0xC0 != 0x80 { column += 1 }
    }
    return column
  }
}

/// What is wrong with a line, and where.
private struct Flaw: Error, @unchecked Sendable {
  var kind: LibSVMProblem.Kind
  var at: UnsafePointer<UInt8>
}

@inline(__always)
private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

@inline(__always)
private func skipBlanks(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
  var at = start
  while isBlank(at.pointee) { at += 1 }
  return at
}

/// Whether the line, or what of it is not comment, ends here.
@inline(__always)
private func isLineEnd(_ at: UnsafePointer<UInt8>) -> Bool {
  let byte = at.pointee
  return byte == lineFeed || byte == UInt8(ascii: "#") || byte == carriageReturn && at[1] == lineFeed
}

/// The nearest double to the number that stands here, and where it ends; nil where none does. Up to 19 digits without an
/// exponent are read on the spot, others as the cells of a CSV file.
@inline(__always)
private func parseNumber(_ start: UnsafePointer<UInt8>) -> (Double, end: UnsafePointer<UInt8>)? {
  var at = start
  if at.pointee == UInt8(ascii: "-") || at.pointee == UInt8(ascii: "+") { at += 1 }
  let digits = at
  var mantissa: UInt64 = 0
  readDigits(&at, into: &mantissa)
  var count = at - digits
  var fraction = 0
  if at.pointee == UInt8(ascii: ".") {
    at += 1
    let first = at
    readDigits(&at, into: &mantissa)
    fraction = at - first
    count += fraction
  }
  if count > 0, count <= 19, at.pointee | 0x20 != UInt8(ascii: "e"), let value = scaled(mantissa, -fraction) {
    return (start.pointee == UInt8(ascii: "-") ? -value : value, at)
  }
  return parseLongNumber(start)
}

@inline(never)
private func parseLongNumber(_ start: UnsafePointer<UInt8>) -> (Double, end: UnsafePointer<UInt8>)? {
  var end = start
  while !isBlank(end.pointee), !isLineEnd(end), end.pointee != lineFeed { end += 1 }
  let text = UnsafeBufferPointer(start: start, count: end - start)
  guard let number = NumberText(text) else { return nil }
  return (nearestDouble(number, text), end)
}
