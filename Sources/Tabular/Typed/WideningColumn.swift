import Basics

/// A column of some rows while they are read: of the narrowest type that holds what came so far.
///
/// Integers are joined with numbers to numbers; anything else with texts, or booleans with numbers, to texts, in which
/// numbers have their canonical form.
final class WideningColumn {
  /// Nil as long as there was only null.
  private(set) var type: ColumnType?
  private(set) var buffer: SegmentBuffer?
  /// Of texts whose values repeat: `buffer` holds their numbers.
  private(set) var levels: PieceLevels?
  /// The last row that has this column, be it null.
  var lastRow = -1
  private let capacity: Int
  /// Whether integers beyond 64 bits are kept by their digits.
  private let keepsHuge: Bool
  /// The rows of the first of them, and of the first integer that no double holds; whether numbers with a fraction came.
  private var firstHuge, firstRoundable: Int?
  private var hasFractions = false

  /// Levels beyond which texts are no longer looked for in each other.
  private static let mostLevels = 4096

  init(capacity: Int, keepsHuge: Bool = false) {
    self.capacity = capacity
    self.keepsHuge = keepsHuge
  }

  @inline(__always)
  func set(_ row: Int, integer value: Int64) {
    if firstRoundable == nil, !isExactDouble(value) { firstRoundable = row }
    if type == .integer, let buffer { return buffer.set(row, integer: value) }
    setSlowly(row, .integer) {
      $0.set(row, integer: value)
    } number: {
      Double(value)
    } text: {
      String(value)
    }
  }

  @inline(__always)
  func set(_ row: Int, number value: Double) {
    hasFractions = true
    if type == .number, let buffer { return buffer.set(row, number: value) }
    setSlowly(row, .number) {
      $0.set(row, number: value)
    } number: {
      value
    } text: {
      ecmaScriptText(value)
    }
  }

  /// An integer beyond 64 bits and its digits.
  func set(_ row: Int, huge value: Double, digits: UnsafeBufferPointer<UInt8>) {
    firstHuge = firstHuge ?? row
    firstRoundable = firstRoundable ?? row
    if keepsHuge { return set(row, text: digits) }
    setSlowly(row, .number) {
      $0.set(row, number: value)
    } number: {
      value
    } text: {
      String(decoding: digits, as: UTF8.self)
    }
  }

  func set(_ row: Int, boolean value: Bool) {
    if type == .boolean, let buffer { return buffer.set(row, boolean: value) }
    setSlowly(row, .boolean) {
      $0.set(row, boolean: value)
    } number: {
      nil
    } text: {
      value ? "true" : "false"
    }
  }

  @inline(__always)
  func set(_ row: Int, text value: UnsafeBufferPointer<UInt8>) {
    if type != .text { widen(to: .text) }
    guard let buffer else { return }
    guard levels != nil else { return buffer.set(row, text: value) }
    let number = levels?.number(of: value) ?? 0
    buffer.set(row, int32: number)
    let count = levels?.count ?? 0
    if count > WideningColumn.mostLevels || count > 64 && count * 2 > buffer.presentCount { forgetLevels() }
  }

  /// Days since 1970-01-01.
  func set(_ row: Int, date days: Int32) {
    setSlowly(row, .date) {
      $0.set(row, int32: days)
    } number: {
      nil
    } text: {
      CalendarDate(daysSinceEpoch: Int(days)).text
    }
  }

  /// Microseconds since 1970-01-01T00:00:00Z.
  func set(_ row: Int, timestamp micros: Int64) {
    setSlowly(row, .timestamp) {
      $0.set(row, integer: micros)
    } number: {
      nil
    } text: {
      timestampText(microseconds: micros)
    }
  }

  /// What the column holds in the end.
  func cells(named name: String) -> RowPiece.Column {
    RowPiece.Column(
      name: name, type: type, cells: buffer.map { TypedColumn($0, levels: levels?.buffer()) }, firstHuge: firstHuge,
      firstRoundable: firstRoundable, hasFractions: hasFractions)
  }

  /// Takes back what the last row has.
  func unset(_ row: Int) {
    lastRow = -1
    buffer?.unset(row)
  }

  private func setSlowly(
    _ row: Int, _ kind: ColumnType, _ store: (SegmentBuffer) -> Void, number: () -> Double?, text: () -> String
  ) {
    if type == nil {
      type = kind
      buffer = SegmentBuffer(kind, rowCount: capacity)
    }
    if type == kind, let buffer { return store(buffer) }
    if let value = number(), type == .integer || type == .number {
      widen(to: .number)
      buffer?.set(row, number: value)
    } else {
      var text = text()
      text.withUTF8 { set(row, text: $0) }
    }
  }

  private func widen(to wider: ColumnType) {
    defer { type = wider }
    if type == wider { return }
    guard let old = buffer, let oldType = type else {
      buffer = SegmentBuffer(.category, rowCount: capacity)
      levels = PieceLevels()
      return
    }
    let conversion = ColumnConversion(from: oldType, to: wider, levels: LevelTable(), markers: TypedMarkers([]))
    let new = SegmentBuffer(wider, rowCount: capacity)
    _ = conversion.convert(TypedColumn(old), 0..<capacity, into: new, at: 0)
    buffer = new
  }

  /// Texts that hardly repeat are kept one by one.
  private func forgetLevels() {
    guard let old = buffer, let levels else { return }
    let texts = SegmentBuffer(.text, rowCount: capacity)
    let (codes, source) = (old.segment, levels.buffer())
    let segment = source.segment
    for row in 0..<capacity where !codes.isMissing(row) {
      texts.set(row, text: segment.text(Int(codes.int32(row))))
    }
    withExtendedLifetime((old, source)) {}
    buffer = texts
    self.levels = nil
  }
}
