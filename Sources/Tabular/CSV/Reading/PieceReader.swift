import CParsing

/// Reads pieces of CSV. Used by one thread.
final class PieceReader: GroupReader, @unchecked Sendable {
  let text = TextBuffer()
  private let cutter: PieceCutter
  private let dialect: CSVDialect
  private let markers: MissingMarkers
  private let numbers: NumberDialect
  /// Whether records that are no rows are kept.
  private let keepsRejected: Bool
  /// Whether space around texts is left out.
  private let trims: Bool
  /// Number of this reader among `readerCount`, which tell their new levels apart.
  private let number, readerCount: Int
  private var plans: [ColumnPlan] = []
  private var columns: [GroupColumn] = []
  private var slots: [Slot] = []
  private(set) var tallies: [ColumnTally] = []
  private(set) var outcomes: [PieceOutcome] = []
  private var badRows: [(row: Int, reason: RejectedRecord.Reason)] = []

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

  init(_ format: CSVFormat, columnCount: Int, number: Int, of readerCount: Int) {
    cutter = PieceCutter(format.dialect, columnCount: columnCount)
    dialect = format.dialect
    markers = MissingMarkers(format)
    numbers = NumberDialect(format.dialect)
    keepsRejected = format.badRows == .quarantine
    trims = format.trims
    self.number = number
    self.readerCount = readerCount
  }

  /// Begins a row group: `columns` take what `plans` say.
  func begin(_ plans: [ColumnPlan], _ columns: [GroupColumn]) {
    self.plans = plans
    self.columns = columns
    slots = zip(plans, columns).map {
      Slot(mode: $0.mode, position: $0.position, validity: $1.validity, values: $1.values)
    }
    tallies = plans.map(ColumnTally.init)
    outcomes = []
  }

  /// Reads the piece that is in `text`.
  func read(_ piece: Piece) {
    let (cells, rejected) = cutter.cut(text, piece)
    badRows = []
    for (index, plan) in plans.enumerated() where plan.mode == .text { beginText(index, cells) }
    var row = 0
    slots.withUnsafeMutableBufferPointer { slots in
      while row < cells.rowCount {
        let rows = row..<min(row + 64, cells.rowCount)
        for index in slots.indices { readBlock(index, &slots[index], rows, cells, piece) }
        row = rows.upperBound
      }
    }
    for (index, plan) in plans.enumerated() where plan.mode == .text {
      guard let bytes = tallies[index].textBytes else { continue }
      columns[index].addText(firstRow: piece.firstRow, bytes, count: tallies[index].textCount)
      tallies[index].textBytes = nil
    }
    for column in columns { column.clear(piece.firstRow + cells.rowCount..<piece.rowEnd) }
    outcomes.append(outcome(piece, cells, rejected))
  }

  private func outcome(_ piece: Piece, _ cells: PieceCells, _ rejected: [RejectedRecord]) -> PieceOutcome {
    let bytes = text.bytes
    func rejection(_ reason: RejectedRecord.Reason, _ start: Int, _ offset: Int) -> Rejection {
      var end = start
      if keepsRejected {
        var tokenizer = CSVTokenizer(UnsafeBufferPointer(rebasing: bytes[start...]), dialect)
        var cells: [CellSpan] = []
        if (try? tokenizer.nextRecord(into: &cells)) == nil { tokenizer.skipRecord(from: max(0, offset - start)) }
        end = start + tokenizer.offset
        while end > start, bytes[end - 1] == lineFeed || bytes[end - 1] == carriageReturn { end -= 1 }
      }
      return Rejection(
        reason: reason, line: piece.line + bytes.lineBreaks(in: 0..<start) + 1, offset: piece.offset + start,
        flawOffset: piece.offset + offset, piece: piece, record: Array(bytes[start..<end]))
    }
    badRows.sort { $0.row < $1.row }
    var bad: [Int] = []
    var rejections = rejected.map { rejection($0.reason, $0.start, $0.offset) }
    if keepsRejected {
      for (row, reason) in badRows where bad.last != row {
        bad.append(row)
        let start = cells.recordStart(row)
        rejections.append(rejection(reason, start, start))
      }
      rejections.sort { $0.offset < $1.offset }
    }
    return PieceOutcome(piece: piece, rowCount: cells.rowCount, badRows: bad, rejected: rejections)
  }

  /// Makes room for the texts of a piece, which are no longer than its cells.
  private func beginText(_ index: Int, _ cells: PieceCells) {
    var size = 1
    let position = plans[index].position
    for row in 0..<cells.rowCount {
      let at = row * cells.columnCount + position
      size += Int(cells.ends[at] &- cells.ends[at - 1] &- 1)
    }
    tallies[index].textBytes = .allocate(capacity: size)
    tallies[index].textCount = 0
  }

  @inline(__always)
  private func readBlock(_ index: Int, _ slot: inout Slot, _ rows: Range<Int>, _ cells: PieceCells, _ piece: Piece) {
    let ends = cells.ends + (rows.lowerBound * cells.columnCount + slot.position)
    let first = piece.firstRow + rows.lowerBound
    var present: UInt64 = 0
    var look: UInt64 = 0
    switch slot.mode {
    case .number where !markers.areValues:
      var fractions: UInt64 = 0
      look = parsing_numbers(
        cells.text, ends, Int64(cells.columnCount), Int64(rows.count), cells.kernelTrims, dialect.decimal,
        slot.values.assumingMemoryBound(to: Double.self) + first, &present, &fractions)
      if fractions != 0, !slot.hasDecimal {
        slot.hasDecimal = true
        let row = rows.lowerBound + fractions.trailingZeroBitCount
        tallies[index].evidence.add(
          .decimal, at: CellPosition(piece, record: cells.recordStart(row), column: slot.position))
      }
      if !slot.hasWhole { noteWhole(index, &slot, present & ~fractions, rows.lowerBound, cells, piece) }
    case .integer where !markers.areValues:
      look = parsing_integers(
        cells.text, ends, Int64(cells.columnCount), Int64(rows.count), cells.kernelTrims,
        slot.values.assumingMemoryBound(to: Int64.self) + first, &present)
      if !slot.hasWhole { noteWhole(index, &slot, present, rows.lowerBound, cells, piece) }
    case .category: present = readCodes(index, rows, cells, piece)
    case .text: present = readTexts(index, rows, cells, piece)
    case .integer, .number, .boolean, .nothing, .date, .timestamp:
      if slot.mode == .boolean { slot.values.assumingMemoryBound(to: UInt64.self)[first >> 6] = 0 }
      look = rows.count == 64 ? .max : 1 << UInt64(rows.count) - 1
    }
    if look != 0 { present |= lookCloser(index, look, rows.lowerBound, cells, piece) }
    slot.validity[first >> 6] = present
  }

  /// Notes the first whole number that a kernel read, of rows from `start` on.
  private func noteWhole(
    _ index: Int, _ slot: inout Slot, _ whole: UInt64, _ start: Int, _ cells: PieceCells, _ piece: Piece
  ) {
    if whole == 0 { return }
    slot.hasWhole = true
    let row = start + whole.trailingZeroBitCount
    tallies[index].evidence.add(
      .integer, at: CellPosition(piece, record: cells.recordStart(row), column: slot.position))
  }

  /// Reads the cells of `look` one by one, from row `start` on; a bit for each that holds a value.
  private func lookCloser(
    _ index: Int, _ look: UInt64, _ start: Int, _ cells: PieceCells, _ piece: Piece
  ) -> UInt64 {
    var present: UInt64 = 0
    var look = look
    let position = plans[index].position
    let mode = plans[index].mode
    let column = columns[index]
    while look != 0 {
      let bit = look.trailingZeroBitCount
      look &= look - 1
      let row = start + bit
      let target = piece.firstRow + row
      let isPresent = cells.withContent(row, position) { content -> Bool in
        if !markers.areValues, let stored = storeQuickly(content, mode, column, target) { return stored }
        if markers.contains(content) {
          column.clear(target)
          return false
        }
        let cellClass = numbers.cellClass(content)
        return numbers.withPlain(content) { content in
          if plans[index].admits(cellClass), column.store(content, target) {
            if mode == .number || mode == .integer {
              tallies[index].evidence.add(
                cellClass, at: CellPosition(piece, record: cells.recordStart(row), column: position))
            }
            return true
          }
          column.clear(target)
          misfit(index, cellClass, row, cells, piece)
          return false
        }
      }
      if isPresent { present |= 1 << UInt64(bit) }
    }
    return present
  }

  /// Stores what dates and times mostly look like; nil for anything else.
  @inline(__always)
  private func storeQuickly(
    _ content: UnsafeBufferPointer<UInt8>, _ mode: ColumnMode, _ column: GroupColumn, _ row: Int
  ) -> Bool? {
    switch mode {
    case .date:
      guard let days = parseDate(content) else { return nil }
      column.codes[row] = days
    case .timestamp:
      guard let instant = parseTimestamp(content) else { return nil }
      column.integers[row] = instant
    case .boolean:
      guard let value = parseBooleanWord(content) else { return nil }
      if value { column.bits[row >> 6] |= 1 << UInt64(row & 63) }
    default: return nil
    }
    return true
  }

  private func misfit(_ index: Int, _ cellClass: CellClass, _ row: Int, _ cells: PieceCells, _ piece: Piece) {
    let position = plans[index].position
    tallies[index].misfits.add(
      cellClass, at: CellPosition(piece, record: cells.recordStart(row), column: position))
    if keepsRejected, plans[index].declared != nil { badRows.append((row, .mistyped(column: position, cellClass))) }
  }

  /// Notes that space around a text is part of it.
  private func noteSpace(_ index: Int, _ row: Int, _ cells: PieceCells, _ piece: Piece) {
    if trims { return }
    tallies[index].evidence.addSpaced(
      at: CellPosition(piece, record: cells.recordStart(row), column: plans[index].position))
  }

  private func readCodes(_ index: Int, _ rows: Range<Int>, _ cells: PieceCells, _ piece: Piece) -> UInt64 {
    let (position, levels) = (plans[index].position, plans[index].levels)
    let codes = columns[index].codes + piece.firstRow
    let (markers, trims, provisional) = (markers, trims, ProvisionalCode(number, of: readerCount))
    // The tally is taken in hand once a block, not for every cell.
    return tallies.withUnsafeMutableBufferPointer { tallies in
      var present: UInt64 = 0
      for row in rows {
        let code = cells.withContents(row, position) { content, text -> Int32 in
          if markers.contains(content) { return -1 }
          func place() -> CellPosition { CellPosition(piece, record: cells.recordStart(row), column: position) }
          if text.count != content.count, !trims { tallies[index].evidence.addSpaced(at: place()) }
          return tallies[index].code(of: trims ? content : text, levels, provisional, at: place())
        }
        codes[row] = code == -1 ? 0 : code
        if code != -1 { present |= 1 << UInt64(row - rows.lowerBound) }
      }
      return present
    }
  }

  private func readTexts(_ index: Int, _ rows: Range<Int>, _ cells: PieceCells, _ piece: Piece) -> UInt64 {
    var present: UInt64 = 0
    let position = plans[index].position
    let lengths = columns[index].integers + piece.firstRow + 1
    guard let bytes = tallies[index].textBytes else { return 0 }
    var count = tallies[index].textCount
    for row in rows {
      cells.withContents(row, position) { content, text in
        if markers.contains(content) {
          lengths[row] = 0
          return
        }
        let kept = trims ? content : text
        guard let start = kept.baseAddress else { return }
        (bytes + count).update(from: start, count: kept.count)
        count += kept.count
        lengths[row] = Int64(kept.count)
        present |= 1 << UInt64(row - rows.lowerBound)
        if plans[index].declared != nil { return }
        tallies[index].evidence.add(
          numbers.cellClass(quickly: content),
          at: CellPosition(piece, record: cells.recordStart(row), column: position))
        if text.count != content.count { noteSpace(index, row, cells, piece) }
        if !plans[index].isDecided { tallies[index].noteTextLevel(kept) }
      }
    }
    tallies[index].textCount = count
    return present
  }
}
