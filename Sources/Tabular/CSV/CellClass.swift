import Basics

/// What a cell looks like, decided from its bytes alone. Column types are chosen by counting these.
enum CellClass: Int, Sendable, CaseIterable {
  case missing
  /// `0` or `1`.
  case bit
  /// Any other integer of 64 bits.
  case integer
  /// An integer of 64 bits that no double holds.
  case inexact
  /// A whole number with one group of three digits, or with more, written in a dialect that has groups.
  case groupedOnce, grouped
  /// Digits that begin with a 0 that no number needs, such as postal codes.
  case zeroLed
  /// `+` and digits, such as telephone numbers.
  case plusSigned
  /// An integer beyond 64 bits.
  case huge
  /// An integer of 64 bits with a fraction of zeros, such as `5.0`.
  case wholeDecimal
  /// Any other number.
  case decimal
  /// A number beyond the range of doubles.
  case overflow
  /// `nan`, `inf` or `infinity` in any case, with a sign or without: what programs write for numbers that are none.
  case notFinite
  /// `true` or `false` in any case.
  case boolean
  /// A day that exists, as `YYYY-MM-DD`.
  case date
  /// An instant, as `parseTimestamp` reads it.
  case timestamp
  case text

  init(_ cell: UnsafeBufferPointer<UInt8>, _ markers: MissingMarkers) {
    if markers.contains(cell) {
      self = .missing
    } else if let number = NumberText(cell) {
      self = CellClass.ofNumber(number, cell)
    } else if parseDate(cell) != nil {
      self = .date
    } else if parseTimestamp(cell) != nil {
      self = .timestamp
    } else if parseBooleanWord(cell) != nil {
      self = .boolean
    } else if isNotFinite(cell) {
      self = .notFinite
    } else {
      self = .text
    }
  }

  /// The same, sooner for most texts: what begins with no digit, sign or point and not as a word for a boolean.
  init(quickly cell: UnsafeBufferPointer<UInt8>, _ markers: MissingMarkers) {
    guard let first = cell.first, !markers.contains(cell) else {
      self = .missing
      return
    }
    let isLetter = first | 0x20 >= UInt8(ascii: "a") && first | 0x20 <= UInt8(ascii: "z")
    if first >= 0x80 || isLetter && first | 0x20 != UInt8(ascii: "t") && first | 0x20 != UInt8(ascii: "f") {
      self = isLetter && isNotFinite(cell) ? .notFinite : .text
    } else {
      self.init(cell, markers)
    }
  }

  private static func ofNumber(_ number: NumberText, _ cell: UnsafeBufferPointer<UInt8>) -> CellClass {
    if number.isZeroLed { return number.isWhole && number.integer == nil ? .text : .zeroLed }
    if number.isWhole {
      guard let value = number.integer else { return nearestDouble(number, cell).isInfinite ? .overflow : .huge }
      if number.hasPlus { return .plusSigned }
      if value == 0 || value == 1 { return .bit }
      return isExactDouble(value) ? .integer : .inexact
    }
    if number.integer != nil { return .wholeDecimal }
    // Only numbers of 309 digits before the point can be beyond the range.
    if number.exponent + number.significantDigits < 309 { return .decimal }
    return nearestDouble(number, cell).isInfinite ? .overflow : .decimal
  }
}

extension CellClass {
  /// Numbers with a fraction or an exponent.
  static let fractions: [CellClass] = [.wholeDecimal, .decimal]
  /// Whole numbers that a double may have to round.
  static let roundable: [CellClass] = [.inexact, .huge]
}

/// Whether a double holds an integer.
@inline(__always)
func isExactDouble(_ value: Int64) -> Bool { value.magnitude <= 1 << 53 || Int64(exactly: Double(value)) == value }

extension ColumnType {
  /// The classes of cells that a column of this type can hold. A declared type takes more than inference would choose it
  /// for: `007` and `5.0` are integers where an integer is declared, `0` and `1` booleans.
  var accepted: [CellClass] {
    switch self {
    case .integer: [.bit, .integer, .inexact, .groupedOnce, .grouped, .zeroLed, .plusSigned, .wholeDecimal]
    case .number:
      [.bit, .integer, .inexact, .groupedOnce, .grouped, .zeroLed, .plusSigned, .huge, .wholeDecimal, .decimal]
    case .boolean: [.bit, .boolean]
    case .date: [.date]
    case .timestamp: [.date, .timestamp]
    case .category, .text: CellClass.allCases
    case .sparse: []
    }
  }

  /// The classes that make inference choose this type, when a column holds nothing else.
  var evident: [CellClass] {
    switch self {
    case .integer: [.bit, .integer, .inexact, .groupedOnce, .grouped]
    case .number: [.bit, .integer, .inexact, .groupedOnce, .grouped, .huge, .wholeDecimal, .decimal]
    case .boolean: [.boolean]
    case .date: [.date]
    case .timestamp: [.date, .timestamp]
    case .category, .text: CellClass.allCases
    case .sparse: []
    }
  }
}

/// Whether a cell is `nan`, `inf` or `infinity` in any case, with a sign or without.
@inline(__always)
private func isNotFinite(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
  if cell.count < 3 || cell.count > 9 { return false }
  let isSigned = cell[0] == UInt8(ascii: "-") || cell[0] == UInt8(ascii: "+")
  let first = cell[isSigned ? 1 : 0] | 0x20
  guard first == UInt8(ascii: "n") || first == UInt8(ascii: "i") else { return false }
  return ["nan", "inf", "infinity"].contains(
    String(decoding: cell.dropFirst(isSigned ? 1 : 0).map { $0 | 0x20 }, as: UTF8.self))
}

/// The days since 1970-01-01 of `YYYY-MM-DD`; nil for anything else.
func parseDate(_ cell: UnsafeBufferPointer<UInt8>) -> Int32? {
  guard cell.count == 10, cell[4] == UInt8(ascii: "-"), cell[7] == UInt8(ascii: "-") else { return nil }
  func digits(_ range: Range<Int>) -> Int? {
    var value = 0
    for at in range {
      let digit = cell[at] &- UInt8(ascii: "0")
      if digit > 9 { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }
  guard let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10),
    let date = CalendarDate(year: year, month: month, day: day)
  else { return nil }
  return Int32(date.daysSinceEpoch)
}

/// `true` and `false` in any case; nil for anything else.
func parseBooleanWord(_ cell: UnsafeBufferPointer<UInt8>) -> Bool? {
  func isWord(_ word: StaticString) -> Bool {
    guard cell.count == word.utf8CodeUnitCount else { return false }
    for at in cell.indices where cell[at] | 0x20 != word.utf8Start[at] { return false }
    return true
  }
  return isWord("true") ? true : isWord("false") ? false : nil
}
