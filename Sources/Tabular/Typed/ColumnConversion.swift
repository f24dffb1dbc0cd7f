import Basics

/// How a column of a typed source becomes a column of the table.
///
/// | from | to | what fits |
/// |---|---|---|
/// | any but sparse | text, category | its canonical text, as `Column.text` writes it |
/// | text | other types | what a cell of a CSV file may be |
/// | integer | number | all, to the nearest double |
/// | number | integer | whole ones of 64 bits |
/// | integer | boolean | 0 and 1 |
/// | boolean | integer, number | as 0 and 1 |
/// | date | timestamp | the midnight in UTC that begins it |
/// | timestamp | date | such midnights |
///
/// Numbers that are not finite are missing (NaN) or misfits. A missing marker is missing.
struct ColumnConversion: Sendable {
  let source: ColumnType
  let target: ColumnType
  private let markers: TypedMarkers
  private let parser: CellParser
  private let levels: LevelTable
  private let codes: [Int32]
  let dictionary: [String]

  init(from source: ColumnType, to target: ColumnType, levels: LevelTable, markers: TypedMarkers) {
    self.source = source
    self.target = target
    self.markers = markers
    self.levels = levels
    (dictionary, codes) = levels.sorted()
    parser = CellParser(target, levels: levels, markers: MissingMarkers(CSVFormat()))
  }

  /// Cells that do not fit: how many, and the first.
  struct Misfits {
    var count = 0
    /// The first row, counted within what was converted.
    var firstRow = 0
    var found: TypedProblem.Misfit?

    mutating func add(_ found: TypedProblem.Misfit, row: Int) {
      count += 1
      if self.found == nil { (self.found, firstRow) = (found, row) }
    }
  }

  /// Whether the buffer of a batch can be stored as it is.
  func isIdentity(_ column: TypedColumn) -> Bool {
    column.levels == nil && source == target && source != .category && !markers.concern(source)
      && (source != .number || column.buffer.segment.allFinite)
  }

  /// Stores some rows of a batch in the rows of a group from `first` on.
  func convert(_ column: TypedColumn, _ rows: Range<Int>, into buffer: SegmentBuffer, at first: Int) -> Misfits {
    let segment = column.buffer.segment
    if isIdentity(column) {
      buffer.copy(segment, rows, at: first)
      return Misfits()
    }
    if let levels = column.levels { return convertCodes(segment, levels.segment, rows, buffer, first) }
    var misfits = Misfits()
    for row in rows where !segment.isMissing(row) {
      let place = first + row - rows.lowerBound
      if let found = store(segment, row, in: buffer, at: place) { misfits.add(found, row: row - rows.lowerBound) }
    }
    return misfits
  }

  /// Rows whose strings are codes: each level is looked up once.
  private func convertCodes(
    _ segment: ColumnSegment, _ levels: ColumnSegment, _ rows: Range<Int>, _ buffer: SegmentBuffer, _ first: Int
  ) -> Misfits {
    var misfits = Misfits()
    if target == .category {
      let places = (0..<levels.rowCount).map { level -> Int32 in
        let text = levels.text(level)
        return markers.contains(text) ? -1 : self.levels.index(of: text).map { codes[$0] } ?? -1
      }
      for row in rows where !segment.isMissing(row) {
        let code = places[Int(segment.int32(row))]
        if code >= 0 { buffer.set(first + row - rows.lowerBound, int32: code) }
      }
    } else {
      for row in rows where !segment.isMissing(row) {
        let text = levels.text(Int(segment.int32(row)))
        let place = first + row - rows.lowerBound
        if let found = store(text, in: buffer, at: place) { misfits.add(found, row: row - rows.lowerBound) }
      }
    }
    return misfits
  }

  /// Stores a cell that is there; gives what it is where it does not fit.
  private func store(
    _ segment: ColumnSegment, _ row: Int, in buffer: SegmentBuffer, at place: Int
  ) -> TypedProblem.Misfit? {
    switch source {
    case .integer: return store(segment.integer(row), in: buffer, at: place)
    case .number: return store(segment.number(row), in: buffer, at: place)
    case .boolean:
      let value = segment.boolean(row)
      switch target {
      case .boolean: buffer.set(place, boolean: value)
      case .integer: buffer.set(place, integer: value ? 1 : 0)
      case .number: buffer.set(place, number: value ? 1 : 0)
      case .text, .category: return store(value ? "true" : "false", in: buffer, at: place)
      default: return .boolean
      }
    case .date:
      let days = segment.int32(row)
      switch target {
      case .date: buffer.set(place, int32: days)
      case .timestamp:
        let (instant, overflow) = Int64(days).multipliedReportingOverflow(by: microsecondsPerDay)
        if overflow { return .tooLarge }
        buffer.set(place, integer: instant)
      case .text, .category:
        return store(CalendarDate(daysSinceEpoch: Int(days)).text, in: buffer, at: place)
      default: return .date
      }
    case .timestamp:
      let instant = segment.integer(row)
      let (day, rest) = instant.quotientAndRemainder(dividingBy: microsecondsPerDay)
      switch target {
      case .timestamp: buffer.set(place, integer: instant)
      case .date:
        guard rest == 0, let day = Int32(exactly: day) else { return .timestamp }
        buffer.set(place, int32: day)
      case .text, .category: return store(timestampText(microseconds: instant), in: buffer, at: place)
      default: return .timestamp
      }
    case .text, .category: return store(segment.text(row), in: buffer, at: place)
    case .sparse:
      let (indices, numbers) = segment.entries(row)
      buffer.set(place, indices: indices, numbers: numbers)
    }
    return nil
  }

  private func store(_ value: Int64, in buffer: SegmentBuffer, at place: Int) -> TypedProblem.Misfit? {
    if markers.contains(value) { return nil }
    switch target {
    case .integer: buffer.set(place, integer: value)
    case .number: buffer.set(place, number: Double(value))
    case .boolean:
      guard value == 0 || value == 1 else { return .integer }
      buffer.set(place, boolean: value == 1)
    case .text, .category: return store(String(value), in: buffer, at: place)
    default: return .integer
    }
    return nil
  }

  private func store(_ value: Double, in buffer: SegmentBuffer, at place: Int) -> TypedProblem.Misfit? {
    if value.isNaN || markers.contains(value) { return nil }
    if value.isInfinite { return .infinite }
    switch target {
    case .number: buffer.set(place, number: value)
    case .integer:
      guard value == value.rounded(.towardZero) else { return .decimal }
      guard let whole = Int64(exactly: value) else { return .tooLarge }
      buffer.set(place, integer: whole)
    case .text, .category: return store(ecmaScriptText(value), in: buffer, at: place)
    default: return .number
    }
    return nil
  }

  private func store(_ text: String, in buffer: SegmentBuffer, at place: Int) -> TypedProblem.Misfit? {
    var text = text
    return text.withUTF8 { store($0, in: buffer, at: place) }
  }

  private func store(_ text: UnsafeBufferPointer<UInt8>, in buffer: SegmentBuffer, at place: Int) -> TypedProblem
    .Misfit?
  {
    if markers.contains(text) { return nil }
    switch target {
    case .text: buffer.set(place, text: text)
    case .category:
      if let level = levels.index(of: text) { buffer.set(place, int32: codes[level]) }
    case .timestamp:
      guard let instant = parseInstant(text) else { return text.isEmpty ? nil : .text }
      buffer.set(place, integer: instant)
    default:
      if !parser.store(text, in: buffer, row: place) {
        return .text
      }
    }
    return nil
  }
}

private let microsecondsPerDay: Int64 = 86_400_000_000

/// A timestamp, or the midnight in UTC that begins a date; nil for anything else.
func parseInstant(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
  parseTimestamp(text) ?? parseDate(text).map { Int64($0) * microsecondsPerDay }
}

extension ColumnSegment {
  /// Whether no number is infinite or NaN. Missing rows are zero.
  fileprivate var allFinite: Bool {
    let numbers = values.assumingMemoryBound(to: Double.self)
    var odd = 0.0
    for row in 0..<rowCount { odd += numbers[row] - numbers[row] }
    return odd == 0
  }
}
