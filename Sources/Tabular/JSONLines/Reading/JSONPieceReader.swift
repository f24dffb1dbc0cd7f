import Basics
import CParsing

/// Reads pieces of JSON Lines. Used by one thread.
final class JSONPieceReader: GroupReader, @unchecked Sendable {
  let text = TextBuffer()
  private let cutter: JSONRowCutter
  private let columnCount: Int
  private let markers: TypedMarkers
  private let hasNumericMarkers: Bool
  private let verbatim: Set<[UInt8]>
  /// Whether records that are no rows are kept.
  private let keepsRejected: Bool
  private let codes: ProvisionalCode
  private var plans: [ColumnPlan] = []
  private var columns: [GroupColumn] = []
  private var slots: [Slot] = []
  private(set) var tallies: [ColumnTally] = []
  private(set) var outcomes: [PieceOutcome] = []
  private var badRows: [(row: Int, line: Int, start: Int, reason: RejectedRecord.Reason)] = []
  /// Whether something was seen of which only a look at all of a column can say what it is.
  private(set) var isUnsure = false

  /// What the reading of a block needs of a column, free of references, which would be counted for every block.
  private struct Slot {
    let mode: ColumnMode
    let position: Int
    let validity: UnsafeMutablePointer<UInt64>
    let values: UnsafeMutableRawPointer
    /// Whether a number with a point was seen, and one without.
    var hasDecimal = false
    var hasWhole = false
  }

  /// Reader `number` of `readerCount`.
  init(
    _ layout: JSONLayout, missing: [String], keepsRejected: Bool, number: Int, of readerCount: Int
  ) {
    cutter = JSONRowCutter(layout, text)
    columnCount = layout.names.count
    markers = TypedMarkers(missing)
    hasNumericMarkers = markers.concern(.number) || markers.concern(.integer)
    verbatim = layout.verbatim
    self.keepsRejected = keepsRejected
    codes = ProvisionalCode(number, of: readerCount)
  }

  /// Columns that came and are not in the layout.
  var newColumns: [JSONRowCells.NewColumn] { cutter.newColumns }

  /// Columns that are known or came.
  var columnsSeen: Int { cutter.columnsSeen }

  func begin(_ plans: [ColumnPlan], _ columns: [GroupColumn]) {
    self.plans = plans
    self.columns = columns
    slots = zip(plans, columns).map {
      Slot(mode: $0.mode, position: $0.position, validity: $1.validity, values: $1.values)
    }
    tallies = plans.map(ColumnTally.init)
    outcomes = []
  }

  func read(_ piece: Piece) {
    badRows = []
    cutter.begin(piece)
    let size = text.count
    for (index, plan) in plans.enumerated() where plan.mode == .text {
      tallies[index].beginText(capacity: max(256, size / max(1, columnCount)))
    }
    var row = 0
    while true {
      let count = cutter.next()
      if count == 0 { break }
      slots.withUnsafeMutableBufferPointer { slots in
        for index in slots.indices { readBlock(index, &slots[index], count, row, piece) }
      }
      row += count
    }
    for (index, plan) in plans.enumerated() where plan.mode == .text {
      guard let bytes = tallies[index].textBytes else { continue }
      columns[index].addText(firstRow: piece.firstRow, bytes, count: tallies[index].textCount)
      tallies[index].textBytes = nil
    }
    for column in columns { column.clear(piece.firstRow + row..<piece.rowEnd) }
    outcomes.append(outcome(piece, rowCount: row))
  }

  private func outcome(_ piece: Piece, rowCount: Int) -> PieceOutcome {
    var rejected = cutter.badLines.map { line in
      return rejection(.json(line.kind, column: line.column), line.start, line.line, piece)
    }
    var bad: [Int] = []
    if keepsRejected {
      for (row, line, start, reason) in badRows.sorted(by: { $0.row < $1.row }) where bad.last != row {
        bad.append(row)
        rejected.append(rejection(reason, start, line, piece))
      }
      rejected.sort { $0.offset < $1.offset }
    }
    return PieceOutcome(piece: piece, rowCount: rowCount, badRows: bad, rejected: rejected)
  }

  private func rejection(_ reason: RejectedRecord.Reason, _ start: Int, _ line: Int, _ piece: Piece) -> Rejection {
    var record: [UInt8] = []
    if keepsRejected {
      let first = UnsafePointer(text.start + start)
      var end = lineEnd(from: first)
      if end > first, (end - 1).pointee == carriageReturn { end -= 1 }
      record = Array(UnsafeBufferPointer(start: first, count: end - first))
    }
    return Rejection(
      reason: reason, line: piece.line + line + 1, offset: piece.offset + start, flawOffset: piece.offset + start,
      piece: piece, record: record)
  }

  private func position(_ row: Int, _ index: Int, _ piece: Piece) -> CellPosition {
    CellPosition(piece, record: Int(cutter.starts[row]), column: plans[index].position)
  }

  /// Reads a column of the `count` rows at hand, which stand from row `start` of the piece on.
  @inline(__always)
  private func readBlock(_ index: Int, _ slot: inout Slot, _ count: Int, _ start: Int, _ piece: Piece) {
    let first = piece.firstRow + start
    let ends = UnsafePointer(cutter.cells + 2 * slot.position + 1)
    let stride = Int64(2 * columnCount)
    var present: UInt64 = 0
    var look: UInt64 = count == 64 ? .max : 1 << UInt64(count) - 1
    switch slot.mode {
    case .number where !hasNumericMarkers:
      var fractions: UInt64 = 0
      let numbers = slot.values.assumingMemoryBound(to: Double.self) + first
      look = parsing_numbers(
        text.start, ends, stride, Int64(count), 0, UInt8(ascii: "."), numbers, &present, &fractions)
      clearMinusZeros(numbers, present & ~fractions, count)
      if !slot.hasDecimal, fractions != 0 {
        slot.hasDecimal = true
        note(.decimal, index, fractions, piece)
      }
      if !slot.hasWhole, present & ~fractions != 0 {
        slot.hasWhole = true
        note(.integer, index, present & ~fractions, piece)
      }
    case .integer where !hasNumericMarkers:
      look = parsing_integers(
        text.start, ends, stride, Int64(count), 0, slot.values.assumingMemoryBound(to: Int64.self) + first, &present)
      if !slot.hasWhole, present != 0 {
        slot.hasWhole = true
        note(.integer, index, present, piece)
      }
    case .category:
      present = readCodes(index, count, slot.values.assumingMemoryBound(to: Int32.self) + first, piece)
      look = 0
    case .text:
      present = readTexts(index, count, slot.values.assumingMemoryBound(to: Int64.self) + first + 1, piece)
      look = 0
    case .boolean: slot.values.assumingMemoryBound(to: UInt64.self)[first >> 6] = 0
    case .integer, .number, .nothing, .date, .timestamp: break
    }
    if look != 0 { present |= lookCloser(index, look, first, piece) }
    slot.validity[first >> 6] = present
  }

  /// Notes the class of the first of some rows at hand.
  private func note(_ cellClass: CellClass, _ index: Int, _ rows: UInt64, _ piece: Piece) {
    tallies[index].evidence.add(cellClass, at: position(rows.trailingZeroBitCount, index, piece))
  }

  /// The class of a cell that is not missing, as far as it takes to tell how a column of strings came about.
  @inline(__always)
  private func kind(_ row: Int, _ position: Int) -> CellClass {
    let cell = cell(row, position)
    guard let first = cell.first else { return .missing }
    if first == UInt8(ascii: "\""), cell.count < 12 || cell[1] &- UInt8(ascii: "0") > 9 { return .text }
    return JSONValue(cell).cellClass ?? .missing
  }

  /// The integer `-0` is 0.
  @inline(__always)
  private func clearMinusZeros(_ numbers: UnsafeMutablePointer<Double>, _ whole: UInt64, _ count: Int) {
    if whole == 0 { return }
    for row in 0..<count where whole & 1 << UInt64(row) != 0 && numbers[row] == 0 { numbers[row] = 0 }
  }

  /// A cell of a row at hand as it stands, a text with its quotes; empty where there is no value.
  @inline(__always)
  private func cell(_ row: Int, _ position: Int) -> UnsafeBufferPointer<UInt8> {
    let cell = cutter.cells + 2 * (row * columnCount + position)
    let start = Int(cell[0] &+ 1)
    return UnsafeBufferPointer(start: text.start + start, count: Int(cell[1]) - start)
  }

  /// Reads the cells of `look` one by one, into rows from `first` on; a bit for each that holds a value.
  private func lookCloser(_ index: Int, _ look: UInt64, _ first: Int, _ piece: Piece) -> UInt64 {
    var present: UInt64 = 0
    var look = look
    let (mode, position, declared) = (plans[index].mode, plans[index].position, plans[index].declared)
    let column = columns[index]
    while look != 0 {
      let row = look.trailingZeroBitCount
      look &= look - 1
      let cell = cell(row, position)
      if cell.isEmpty {
        column.clear(first + row)
        continue
      }
      let misfit: CellClass?
      var isMissing = false
      if declared != nil {
        misfit = storeDeclared(JSONValue(cell), mode, column, first + row, &isMissing)
      } else {
        var noted: CellClass?
        misfit = store(JSONValue(cell), mode, column, first + row, &isMissing, &noted)
        if let noted, !isMissing { tallies[index].evidence.add(noted, at: self.position(row, index, piece)) }
      }
      if misfit == nil, !isMissing { present |= 1 << UInt64(row) }
      if misfit != nil || isMissing { column.clear(first + row) }
      guard let misfit else { continue }
      tallies[index].misfits.add(misfit, at: self.position(row, index, piece))
      if keepsRejected, declared != nil {
        badRows.append(
          (
            first - piece.firstRow + row, cutter.rowLines[row], Int(cutter.starts[row]),
            .mistyped(column: index, misfit)
          ))
      }
    }
    return present
  }

  /// Stores a value of the class that the column has so far; else gives its class. The class of a number that a kernel did
  /// not take is `noted`.
  @inline(__always)
  private func store(
    _ value: JSONValue, _ mode: ColumnMode, _ column: GroupColumn, _ row: Int, _ isMissing: inout Bool,
    _ noted: inout CellClass?
  ) -> CellClass? {
    switch (mode, value) {
    case (.date, .text(let text)):
      if let days = parseDate(text) {
        column.codes[row] = days
        return markers.contains(text) ? missing(&isMissing) : nil
      }
    case (.timestamp, .text(let text)):
      if let instant = parseInstant(text) {
        column.integers[row] = instant
        return markers.contains(text) ? missing(&isMissing) : nil
      }
    case (.boolean, .boolean(let value)):
      if value { column.bits[row >> 6] |= 1 << UInt64(row & 63) }
      return nil
    case (.integer, .integer(let value)):
      column.integers[row] = value
      noted = .integer
      return markers.contains(value) ? missing(&isMissing) : nil
    case (.number, .integer(let value)):
      column.numbers[row] = Double(value)
      noted = isExactDouble(value) ? .integer : .inexact
      return markers.contains(Double(value)) ? missing(&isMissing) : nil
    case (.number, .number(let value)):
      column.numbers[row] = value
      noted = .decimal
      return markers.contains(value) ? missing(&isMissing) : nil
    case (.number, .huge(_, let value)):
      column.numbers[row] = value
      noted = .huge
      return markers.contains(value) ? missing(&isMissing) : nil
    default: break
    }
    if case .text(let text) = value, markers.contains(text) {
      // A string all the same, which numbers among it would join.
      if mode != .date, mode != .timestamp { isUnsure = true }
      return missing(&isMissing)
    }
    return value.cellClass
  }

  private func missing(_ isMissing: inout Bool) -> CellClass? {
    isMissing = true
    return nil
  }

  /// Stores a value in a column of a declared type, as `ColumnConversion` does; else gives what it is instead.
  private func storeDeclared(
    _ value: JSONValue, _ mode: ColumnMode, _ column: GroupColumn, _ row: Int, _ isMissing: inout Bool
  ) -> CellClass? {
    switch (value, mode) {
    case (.text(let text), _):
      if text.isEmpty || markers.contains(text) { return missing(&isMissing) }
      return column.store(text, row) ? nil : .text
    case (.boolean(let value), .boolean):
      if value { column.bits[row >> 6] |= 1 << UInt64(row & 63) }
    case (.boolean(let value), .integer), (.boolean(let value), .number):
      // Among strings, it would be one.
      isUnsure = true
      if mode == .integer { column.integers[row] = value ? 1 : 0 } else { column.numbers[row] = value ? 1 : 0 }
    case (.boolean, _): return .boolean
    case (.integer(let value), _):
      if markers.contains(value) { return missing(&isMissing) }
      switch mode {
      case .integer: column.integers[row] = value
      case .number: column.numbers[row] = Double(value)
      case .boolean where value == 0 || value == 1:
        if value == 1 { column.bits[row >> 6] |= 1 << UInt64(row & 63) }
      default: return .integer
      }
    case (.number(let value), _):
      if markers.contains(value) { return missing(&isMissing) }
      switch mode {
      case .number: column.numbers[row] = value
      case .integer:
        guard value == value.rounded(.towardZero) else { return .decimal }
        guard let whole = Int64(exactly: value) else { return .huge }
        column.integers[row] = whole
      default: return .decimal
      }
    case (.huge(_, let value), _):
      if markers.contains(value) { return missing(&isMissing) }
      guard mode == .number else { return .huge }
      column.numbers[row] = value
    case (.null, _), (.verbatim, _): return .text
    }
    return nil
  }

  /// Calls `body` with what a cell means as a text; nil where it is missing.
  @inline(__always)
  private func withText<Result>(
    _ row: Int, _ position: Int, isVerbatim: Bool, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result? {
    let cell = cell(row, position)
    if cell.isEmpty { return nil }
    if cell[0] == UInt8(ascii: "\"") {
      let text = UnsafeBufferPointer(rebasing: cell[1..<cell.count - 1])
      return markers.contains(text) ? nil : body(text)
    }
    if isVerbatim { return markers.contains(cell) ? nil : body(cell) }
    var text = JSONValue(cell).canonicalText
    return text.withUTF8 { markers.contains($0) ? nil : body($0) }
  }

  private func readCodes(
    _ index: Int, _ count: Int, _ out: UnsafeMutablePointer<Int32>, _ piece: Piece
  ) -> UInt64 {
    let (position, levels) = (plans[index].position, plans[index].levels)
    // The tally is taken in hand once a block, not for every value.
    let present = tallies.withUnsafeMutableBufferPointer { tallies in
      var present: UInt64 = 0
      for row in 0..<count {
        let code = withText(row, position, isVerbatim: false) { text in
          tallies[index].code(of: text, levels, codes, at: self.position(row, index, piece))
        }
        out[row] = code ?? 0
        if code != nil { present |= 1 << UInt64(row) }
      }
      return present
    }
    noteKinds(index, present, piece)
    return present
  }

  /// Counts what the values of some rows at hand are, which are read as strings.
  private func noteKinds(_ index: Int, _ present: UInt64, _ piece: Piece) {
    if plans[index].declared != nil { return }
    let position = plans[index].position
    var (rest, texts) = (present, UInt64(0))
    while rest != 0 {
      let row = rest.trailingZeroBitCount
      rest &= rest - 1
      let kind = kind(row, position)
      if kind == .text {
        texts |= 1 << UInt64(row)
      } else {
        tallies[index].evidence.add(kind, at: self.position(row, index, piece))
      }
    }
    if texts == 0 { return }
    tallies[index].evidence.add(
      .text, count: texts.nonzeroBitCount, first: self.position(texts.trailingZeroBitCount, index, piece))
  }

  private func readTexts(
    _ index: Int, _ count: Int, _ lengths: UnsafeMutablePointer<Int64>, _ piece: Piece
  ) -> UInt64 {
    var present: UInt64 = 0
    let (position, isVerbatim) = (plans[index].position, plans[index].declared == .text)
    for row in 0..<count {
      let length = withText(row, position, isVerbatim: isVerbatim) { text -> Int in
        tallies[index].appendText(text)
        if !isVerbatim, !plans[index].isDecided { tallies[index].noteTextLevel(text) }
        return text.count
      }
      lengths[row] = Int64(length ?? 0)
      if length != nil { present |= 1 << UInt64(row) }
    }
    noteKinds(index, present, piece)
    return present
  }
}

extension JSONValue {
  /// What a cell that was taken from a line says.
  @inline(__always)
  init(_ cell: UnsafeBufferPointer<UInt8>) {
    guard let start = cell.baseAddress, let first = cell.first else {
      self = .null
      return
    }
    switch first {
    case UInt8(ascii: "\""): self = .text(UnsafeBufferPointer(rebasing: cell[1..<cell.count - 1]))
    case UInt8(ascii: "t"): self = .boolean(true)
    case UInt8(ascii: "f"): self = .boolean(false)
    case UInt8(ascii: "["), UInt8(ascii: "{"): self = .verbatim(cell)
    default:
      // It was read as a number before.
      switch try? JSONNumber.read(start).0 {
      case .integer(let value): self = .integer(value)
      case .number(let value): self = .number(value)
      case .huge(let value): self = .huge(cell, value)
      case nil: self = .null
      }
    }
  }

  /// The value as it stands among texts.
  var canonicalText: String {
    switch self {
    case .null: ""
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): ecmaScriptText(value)
    case .text(let text), .verbatim(let text), .huge(let text, _): String(decoding: text, as: UTF8.self)
    }
  }
}
