import Basics
import Diagnostics

/// The columns of a JSON Lines file, and how its rows are read.
struct JSONLinesFile {
  let source: CSVSource
  /// The text from its start, as much as a first look takes, and the bytes of a mark before it.
  private let head: TextBuffer
  private let markSize: Int
  private(set) var layout: JSONLayout
  private(set) var plans: [ColumnPlan]

  /// Bytes that are looked at first, and at each of some places further behind.
  private static let headSize = 1 << 20
  private static let sampleSize = 1 << 18

  /// Looks at some lines. Throws what the source throws, and `RecordTooLong`.
  init(_ source: CSVSource) throws {
    self.source = source
    head = TextBuffer()
    var text = try source.text()
    var isAtEnd = false
    while !isAtEnd, head.count < Self.headSize || head.bytes.firstOffset(of: lineFeed, from: 0) == nil {
      if head.count > RecordFeeder.limit { throw RecordTooLong(offset: 0) }
      try source.cancellation.check()
      let wanted = min(max(Self.headSize - head.count, head.count), 1 << 24)
      if try head.fill(wanted, { try text.read(into: $0) }) == 0 { isAtEnd = true }
    }
    markSize = head.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var pilot = JSONPilot(declared: source.format.declared, missing: source.format.missing)
    Self.look(UnsafeBufferPointer(rebasing: head.bytes[markSize...]), isAtEnd: isAtEnd, &pilot, findsColumns: true)
    for tenth in [3, 6, 9] where source.isPlain && source.size > 8 * head.count {
      let sample = TextBuffer()
      var text = try source.text(from: source.size / 10 * tenth)
      _ = try sample.fill(Self.sampleSize) { try text.read(into: $0) }
      guard let start = sample.bytes.firstOffset(of: lineFeed, from: 0) else { continue }
      Self.look(
        UnsafeBufferPointer(rebasing: sample.bytes[(start + 1)...]), isAtEnd: false, &pilot, findsColumns: false)
    }
    plans = pilot.guess()
    layout = JSONLayout(names: plans.map(\.name), verbatim: JSONLayout.verbatim(source.format.declared))
    dropObjects()
  }

  private static func look(
    _ bytes: UnsafeBufferPointer<UInt8>, isAtEnd: Bool, _ pilot: inout JSONPilot, findsColumns: Bool
  ) {
    let lines = TextBuffer()
    lines.append(bytes)
    if isAtEnd { lines.append(lineFeed) } else { lines.truncate(to: bytes.last(lineFeedBefore: bytes.count) ?? 0) }
    pilot.look(at: lines.bytes, findsColumns: findsColumns)
  }

  /// A reading of all lines; with `quarantines`, without those that are no rows, which `badRows` takes if it has not yet.
  func pass<Sink: GroupSink>(
    _ plans: [ColumnPlan], _ sink: Sink, quarantines: Bool, _ badRows: BadRowWriter? = nil,
    observation: TextPass<Sink, JSONPieceReader>.Observation? = nil
  ) throws -> TextPass<Sink, JSONPieceReader> {
    let rows = UnsafeBufferPointer(rebasing: head.bytes[markSize...])
    let feeder = RecordFeeder(
      try source.text(from: head.count), dialect: nil, read: rows, offset: markSize, line: 0,
      pieceSize: source.pieceSize, groupRows: ArrowFormat.rowsPerGroup(columns: layout.names.count),
      source.cancellation)
    let readers = (0..<source.threads).map {
      JSONPieceReader(
        layout, missing: source.format.missing, keepsRejected: quarantines, number: $0, of: source.threads)
    }
    return TextPass(
      plans, columnCount: layout.names.count, nil, feeder, readers, sink: sink,
      quarantines: quarantines, badRows: badRows, observation: observation, source.cancellation)
  }

  /// Takes in what a reading of all columns found; false where it found other columns, so that it must be read again.
  mutating func learn(_ findings: PassFindings, _ readers: [JSONPieceReader]) -> Bool {
    for index in plans.indices { plans[index] = findings.plans[index] }
    var found: [[UInt8]: JSONRowCells.NewColumn] = [:]
    for column in readers.flatMap(\.newColumns) {
      guard var known = found[column.name] else {
        found[column.name] = column
        continue
      }
      if (column.line, column.order) < (known.line, known.order) {
        (known.line, known.order) = (column.line, column.order)
      }
      known.mode = known.mode.joined(with: column.mode)
      found[column.name] = known
    }
    for column in found.values.sorted(by: { ($0.line, $0.order) < ($1.line, $1.order) }) {
      let name = String(decoding: column.name, as: UTF8.self)
      layout.ignored.remove(column.name)
      var plan = ColumnPlan(name, position: plans.count, declared: source.format.declared[name])
      if plan.declared == nil { plan.mode = column.mode }
      plans.append(plan)
    }
    let isKnown = found.isEmpty && !dropObjects()
    layout.names = plans.map(\.name)
    if !isKnown { for index in plans.indices { plans[index].isWidened = false } }
    return isKnown
  }

  /// Drops columns that hold only null where others are objects; whether there were any.
  @discardableResult
  private mutating func dropObjects() -> Bool {
    let names = plans.map(\.name)
    let prefixes = objectNames(names)
    let dropped = plans.filter { $0.mode == .nothing && $0.declared == nil && prefixes.contains($0.name) }.map(\.name)
    if dropped.isEmpty { return false }
    layout.ignored.formUnion(dropped.map { Array($0.utf8) })
    plans.removeAll { dropped.contains($0.name) }
    plans = plans.enumerated().map { position, plan in
      var moved = ColumnPlan(plan.name, position: position, declared: plan.declared)
      (moved.mode, moved.levels, moved.isDecided) = (plan.mode, plan.levels, plan.isDecided)
      return moved
    }
    layout.names = plans.map(\.name)
    return true
  }
}

/// The parts of dotted names that are names of objects.
func objectNames(_ names: [String]) -> Set<String> {
  Set(names.flatMap { name in name.indices.filter { name[$0] == "." }.map { String(name[..<$0]) } })
}

extension JSONLayout {
  /// Names of columns that are kept as they are written.
  static func verbatim(_ declared: [String: ColumnType]) -> Set<[UInt8]> {
    Set(declared.filter { $0.value == .text }.map { Array($0.key.utf8) })
  }
}

extension ColumnMode {
  /// The mode for what two modes hold.
  fileprivate func joined(with other: ColumnMode) -> ColumnMode {
    switch other {
    case .nothing: self
    case .integer: widened(by: .integer)
    case .number: widened(by: .decimal)
    case .boolean: widened(by: .boolean)
    case .date: widened(by: .date)
    case .timestamp: widened(by: .timestamp)
    case .category, .text: widened(by: .text)
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Behind the last line feed before `end`.
  fileprivate func last(lineFeedBefore end: Int) -> Int? {
    var at = end
    while at > 0, self[at - 1] != lineFeed { at -= 1 }
    return at == 0 ? nil : at
  }
}
