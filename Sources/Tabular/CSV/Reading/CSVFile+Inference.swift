extension CSVFile {
  /// How the types of the columns came about; of those that were declared nothing. Looks at the file again where the cells
  /// stand that made a type wider.
  func inferences(_ plans: [ColumnPlan], _ evidence: [ColumnEvidence]) throws -> [ColumnInference] {
    var found = plans.map { ColumnInference(column: $0.name, type: $0.mode.type, steps: []) }
    var changes: [(column: Int, from: ColumnMode, to: ColumnMode, position: CellPosition)] = []
    for index in plans.indices where plans[index].declared == nil {
      for change in evidence[index].widenings(to: plans[index].mode) {
        changes.append((index, change.from, change.to, change.position))
      }
    }
    let positions = changes.indices.sorted { changes[$0].position.recordOffset < changes[$1].position.recordOffset }
    var reader = CellReader(source)
    // Cells of one record are looked up together.
    var cells = [(line: Int, text: String)?](repeating: nil, count: changes.count)
    for index in positions { cells[index] = try reader.cell(at: changes[index].position) }
    for (change, cell) in zip(changes, cells) {
      guard let cell else { continue }
      found[change.column].steps.append(
        ColumnInference.Step(
          from: change.from == .nothing ? nil : change.from.type, to: change.to.type, line: cell.line, text: cell.text))
    }
    return found
  }
}

extension ColumnEvidence {
  /// The cells that made a column wider on the way to `last`, as far as they were noted: of strings every one, of numbers the
  /// first with a fraction behind whole ones, of whole numbers that are kept as strings the first beyond 64 bits.
  func widenings(
    to last: ColumnMode
  ) -> [(from: ColumnMode, to: ColumnMode, position: CellPosition)] {
    let whole = first(ColumnType.integer.evident)
    if last == .number {
      guard let whole, let fraction = first(CellClass.fractions + [.huge]),
        whole.position.recordOffset < fraction.position.recordOffset
      else { return [] }
      return [(.integer, .number, fraction.position)]
    }
    guard last.isString else { return [] }
    if count(ColumnType.number.evident) == presentCount, let huge = first([.huge]) {
      let isFirst = whole.map { huge.position.recordOffset < $0.position.recordOffset } ?? true
      return [(isFirst ? .nothing : .integer, last, huge.position)]
    }
    var mode = ColumnMode.nothing
    var changes: [(from: ColumnMode, to: ColumnMode, position: CellPosition)] = []
    let firsts = CellClass.allCases.filter { $0 != .missing }.compactMap { first([$0]) }
    for (cellClass, position) in firsts.sorted(by: { $0.position.recordOffset < $1.position.recordOffset }) {
      let wider = mode.widened(by: cellClass)
      // The first value makes a column what it is; only of strings that is worth telling.
      if wider != mode, mode != .nothing || wider.isString {
        changes.append((mode, wider.isString ? last : wider, position))
      }
      mode = wider
    }
    return changes
  }
}

/// Reads single cells of a file again, from the front to the back.
private struct CellReader {
  private let source: CSVSource
  private var pieceOffset = -1
  private var recordOffset = -1
  private var text: [UInt8] = []
  private var cells: [CellSpan] = []
  private var line = 0

  init(_ source: CSVSource) { self.source = source }

  /// The line of a cell and what it holds.
  mutating func cell(at position: CellPosition) throws -> (line: Int, text: String)? {
    if position.pieceOffset != pieceOffset || position.recordOffset != recordOffset {
      text = try source.piece(of: position)
      pieceOffset = position.pieceOffset
      recordOffset = position.recordOffset
      let before = min(text.count, recordOffset - pieceOffset)
      let dialect = source.format.dialect
      (cells, line) = text.withUnsafeBufferPointer { text in
        var tokenizer = CSVTokenizer(UnsafeBufferPointer(rebasing: text[before...]), dialect)
        var cells: [CellSpan] = []
        _ = try? tokenizer.nextRecord(into: &cells)
        return (cells, position.pieceLine + text.lineBreaks(in: 0..<before) + 1)
      }
    }
    guard position.column < cells.count else { return nil }
    let (cell, dialect) = (cells[position.column], source.format.dialect)
    let before = recordOffset - pieceOffset
    return text.withUnsafeBufferPointer { text in
      let record = UnsafeBufferPointer(rebasing: text[before...])
      let line = line + record.lineBreaks(in: 0..<cell.range.lowerBound)
      return (line, record.withContent(of: cell, dialect) { String(decoding: $0, as: UTF8.self) })
    }
  }
}
